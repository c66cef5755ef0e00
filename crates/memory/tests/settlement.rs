//! The ledger in memory keeps the promises of the ledger.

use proptest::prelude::*;
use tender_contract::settlement::{RandomPosting, random_postings_are_what_plain_maps_say};
use tender_domain::kernel::TenantId;
use tender_memory::MemoryLedgerStore;

async fn store() -> (MemoryLedgerStore, ()) {
    (MemoryLedgerStore::default(), ())
}

tender_contract::ledger_promises!(store);

prop_compose! {
    fn posting()(
        effect in 0_u8..40, refund in any::<bool>(), connector in 0_u8..2, merchant in 0_u8..3, currency in 0_u8..3,
        minor in prop_oneof![1_i64..100_000, Just(i64::MAX)],
    ) -> RandomPosting {
        RandomPosting { effect, refund, connector, merchant, currency, minor }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_postings_are_those_of_plain_maps(drawn in prop::collection::vec(posting(), 0..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let store = MemoryLedgerStore::default();
        runtime.block_on(random_postings_are_what_plain_maps_say(&store, &TenantId::sandbox(), &drawn));
    }
}
