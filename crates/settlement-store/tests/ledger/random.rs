use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tender_contract::settlement::{RandomPosting, random_postings_are_what_plain_maps_say};

prop_compose! {
    fn posting()(
        effect in 0_u8..40, refund in any::<bool>(), connector in 0_u8..2, merchant in 0_u8..3, currency in 0_u8..3,
        minor in prop_oneof![1_i64..100_000, Just(i64::MAX)],
    ) -> RandomPosting {
        RandomPosting { effect, refund, connector, merchant, currency, minor }
    }
}

/// One database for all cases; each has a tenant of its own. A failing case is made smaller and printed.
#[test]
fn random_postings_are_those_of_plain_maps() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (store, database) = runtime.block_on(crate::store());
    let tenants = AtomicU32::new(0);
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&prop::collection::vec(posting(), 0..60), |drawn| {
        let tenant =
            format!("t{}", tenants.fetch_add(1, Ordering::Relaxed)).parse().expect("a tenant's name");
        runtime.block_on(random_postings_are_what_plain_maps_say(&store, &tenant, &drawn));
        Ok(())
    });
    drop((store, database));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
