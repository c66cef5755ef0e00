use super::fixtures::*;
use crate::disputes::{
    Actor, DisputeEvent, DisputeRefusal, DisputeStatus as S, Disputed, EntryKind, Settled,
};
use crate::refunds::RefundableCharge;

/// A charge of 100.00 EUR, all of it disputed; of the fee so much was told, in cents.
fn disputed_with(fee_minor: Option<i64>) -> RefundableCharge {
    let mut first = told(eur(10_000));
    first.fee_minor = fee_minor;
    charge(10_000).open_dispute(dp(1), first, Actor::processor("simulator"), at(1)).unwrap().charge
}

fn tell(charge: &RefundableCharge, fee_minor: Option<i64>) -> Result<Settled, DisputeRefusal> {
    charge.tell_fee(dp(1), fee_minor, &Actor::processor("simulator"), at(9))
}

#[test]
fn a_fee_that_nobody_told_becomes_known_once_with_an_entry_of_its_own() {
    let unknown = disputed_with(None);
    let Disputed { charge, entries, events, .. } = changed(tell(&unknown, Some(1_500)));
    let dispute = charge.dispute(dp(1)).unwrap();
    assert_eq!(
        (dispute.told.fee_minor, dispute.version.number(), dispute.history.number),
        (Some(1_500), 2, 2)
    );
    assert_eq!((charge.version, events), (unknown.version.next(), vec![DisputeEvent::FeeTold(dp(1))]));
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.kind, entry.detail.as_str()), (EntryKind::FeeTold, eur(1_500).to_string().as_str()));
    assert_eq!(sums(&charge), sums(&unknown), "a fee takes nothing of the charge");
    assert_eq!(tell(&charge, Some(1_500)), Ok(Settled::AlreadyApplied));
    assert_eq!(tell(&charge, Some(1_501)), Err(DisputeRefusal::Differs { known: dp(1) }));
}

#[test]
fn who_tells_no_fee_contradicts_none_and_a_fee_of_nothing_is_one_that_was_told() {
    for known in [None, Some(0), Some(1_500)] {
        assert_eq!(tell(&disputed_with(known), None), Ok(Settled::AlreadyApplied), "{known:?}");
    }
    let nothing = disputed_with(Some(0));
    assert_eq!(tell(&nothing, Some(1_500)), Err(DisputeRefusal::Differs { known: dp(1) }));
    assert_eq!(tell(&disputed_with(None), Some(-1)), Err(DisputeRefusal::BadFee(-1)));
    assert!(matches!(tell(&charge(1), Some(1)), Err(DisputeRefusal::NoSuchDispute(_))));
}

#[test]
fn a_fee_is_taken_in_after_the_dispute_was_decided_as_well() {
    let lost = decided(&disputed_with(None), 1, S::Lost);
    let after = changed(tell(&lost, Some(1_500)));
    let dispute = after.charge.dispute(dp(1)).unwrap();
    assert_eq!((dispute.status, dispute.told.known_fee(), dispute.decided_times()), (S::Lost, 1_500, 1));
}
