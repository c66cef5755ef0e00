//! What tenants' settings ask.

use tender_domain::intents::{CaptureMode, IntentStore, TenantRules};
use tender_domain::kernel::{Change, Currency, Money, TenantId, Version};
use tender_domain::operations::ThreeDsPolicy;

use super::builders::{at, tenant};

fn rules(tenant: &TenantId, version: i64, second: i64) -> TenantRules {
    let limit = |minor, currency| (currency, Money::new(minor, currency));
    TenantRules {
        tenant: tenant.clone(),
        version: Version::new(version),
        allowed_methods: vec!["card".into(), "it's \"new\"".into()],
        default_capture_mode: CaptureMode::Manual,
        max_authorization: [limit(version, Currency::EUR), limit(Money::MAX_MINOR, Currency::JPY)].into(),
        max_attempts: 7,
        three_ds_policy: ThreeDsPolicy::RiskBased,
        risk_analysis_max: (version > 1).then(|| Money::new(25_000, Currency::EUR)),
        recorded_at: at(second),
    }
}

/// Whatever order they are heard in; and what is new is found by when it was heard.
///
/// # Panics
/// When the promise is broken.
pub async fn the_newest_rules_of_a_tenant_stay_and_are_read_as_they_were_heard(store: &dyn IntentStore) {
    let (one, two) = (tenant("rules-one"), tenant("rules-two"));
    let hear = async |rules: TenantRules| {
        let heard = store.commit(Change::of(rules.tenant.clone()).save(rules)).await;
        assert!(heard.is_ok(), "{heard:?}");
    };
    let since = async |second, limit| {
        let all = store.rules_since(at(second), limit).await.expect("it can be read");
        all.into_iter().filter(|rules| rules.tenant == one || rules.tenant == two).collect::<Vec<_>>()
    };
    hear(rules(&one, 2, 10)).await;
    hear(rules(&one, 1, 11)).await;
    hear(rules(&one, 2, 12)).await;
    assert_eq!(since(0, 9).await, [rules(&one, 2, 10)], "an older or the same version changes nothing");
    hear(rules(&two, 5, 20)).await;
    assert_eq!(since(0, 9).await, [rules(&one, 2, 10), rules(&two, 5, 20)]);
    assert_eq!(since(0, 1).await, [rules(&one, 2, 10)]);
    assert_eq!(since(20, 9).await, [rules(&two, 5, 20)]);
    hear(rules(&one, 3, 30)).await;
    assert_eq!(since(21, 9).await, [rules(&one, 3, 30)]);
}
