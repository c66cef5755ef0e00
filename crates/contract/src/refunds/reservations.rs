use std::sync::Arc;

use futures_util::future::join_all;
use tender_domain::kernel::{Change, CommitError, Money, Save, TenantId};
use tender_domain::refunds::{
    ChargeRef, LookupSchedule, RefundMethod, RefundReason, RefundRefusal, RefundStore, RefundableCharge,
    StartRefund,
};

use super::charges::{at, opened, rf, tenant};

const CALLERS: u128 = 20;

/// Twenty callers want 60 % of one charge at once: one gets it, the others learn what is left.
///
/// # Panics
/// When that is not so.
pub async fn refunds_at_once_never_exceed_the_charge(store: &dyn RefundStore) {
    let tenant = tenant("at-once");
    let charge = opened(store, &tenant, 30).await;
    let results = join_all((0..CALLERS).map(|caller| reserve(store, &tenant, &charge, caller))).await;
    let reserved = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(reserved, 1, "{results:?}");
    for refused in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(
            matches!(refused, RefundRefusal::ExceedsCharge { left, .. } if left.minor() == 4_000),
            "{refused}"
        );
    }
    let stored =
        store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read").expect("it is there");
    assert_eq!(stored.refunded(), Money::new(6_000, stored.currency()));
}

async fn reserve(
    store: &dyn RefundStore,
    tenant: &TenantId,
    loaded: &Arc<RefundableCharge>,
    caller: u128,
) -> Result<(), RefundRefusal> {
    let mut before = Arc::clone(loaded);
    loop {
        let wanted = StartRefund {
            id: rf(3_000 + caller),
            amount: Some(6_000),
            currency: None,
            reason: RefundReason::Other,
            method: RefundMethod::OriginalPaymentMethod,
            metadata: tender_domain::kernel::Metadata::default(),
        };
        let after = before.start_refund(wanted, at(1), &LookupSchedule::default())?;
        let change = Change::of(tenant.clone()).save(Save::changed(Arc::clone(&before), after));
        match store.commit(change).await {
            Ok(_) => return Ok(()),
            Err(CommitError::Conflict) => {
                let again = store.charge(tenant, ChargeRef::Charge(before.id)).await.expect("it can be read");
                before = Arc::new(again.expect("it is there"));
            }
            Err(error) => panic!("{error}"),
        }
    }
}
