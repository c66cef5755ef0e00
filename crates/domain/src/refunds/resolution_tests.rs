use crate::kernel::Currency;
use crate::ports::{CallEnd, Decline, DeclineCode, GatewayAnswer};
use crate::refunds::recorded::fixtures::{at, changed, done, eur, record, rf, started};
use crate::refunds::{RefundEvent, RefundOutcome, RefundStatus, RefundTold};

use super::*;

/// Its call got no answer.
fn unknown() -> RefundableCharge {
    changed(record(&started(), 1, RefundOutcome::UNKNOWN, at(1))).0
}

/// The gateway says that it gave back another amount.
fn in_conflict(minor: i64) -> RefundableCharge {
    changed(record(&started(), 1, done(minor, "gw_1"), at(1))).0
}

fn succeeded(minor: Option<i64>) -> ResolveRefund {
    said(ResolvedRefund::Succeeded { gateway_reference: "gw_p".into(), amount: minor.map(eur) })
}

fn failed() -> ResolveRefund {
    said(ResolvedRefund::Failed)
}

fn said(found: ResolvedRefund) -> ResolveRefund {
    ResolveRefund { found, by: "ada".into(), reason: "ticket 4711".into() }
}

#[test]
fn what_a_person_found_out_ends_an_unknown_refund_as_the_gateways_answer_would() {
    let (done, events) = changed(unknown().resolve_refund(rf(), &succeeded(None), at(9)).unwrap());
    assert_eq!(events, [RefundEvent::Processed(rf())]);
    let refund = done.refund(rf()).unwrap();
    assert_eq!((refund.status(), refund.gateway_reference()), (RefundStatus::Succeeded, Some("gw_p")));
    let kept = RefundResolution {
        outcome: RefundStatus::Succeeded,
        was: RefundStatus::Processing,
        by: "ada".into(),
        reason: "ticket 4711".into(),
        at: at(9),
    };
    assert_eq!(refund.resolution, Some(kept), "who, from what to what, why and when is kept with it");
    let (failed, events) = changed(unknown().resolve_refund(rf(), &failed(), at(9)).unwrap());
    assert_eq!(events, [RefundEvent::Failed { refund: rf(), after_success: false }]);
    assert_eq!((failed.refunds[0].status(), failed.left()), (RefundStatus::Failed, eur(10_000)));
}

#[test]
fn of_a_conflict_what_was_given_back_counts_and_the_rest_is_free_again() {
    let conflict = in_conflict(5_000);
    let (done, events) = changed(conflict.resolve_refund(rf(), &succeeded(Some(5_000)), at(9)).unwrap());
    assert_eq!(events, [RefundEvent::Processed(rf())]);
    let refund = done.refund(rf()).unwrap();
    assert_eq!(
        (refund.status(), refund.amount, done.left()),
        (RefundStatus::Succeeded, eur(5_000), eur(5_000))
    );
    for stated in [eur(6_001), Money::new(5_000, Currency::USD)] {
        let found = ResolvedRefund::Succeeded { gateway_reference: "gw_p".into(), amount: Some(stated) };
        let refused = conflict.resolve_refund(rf(), &said(found), at(9));
        assert!(matches!(refused, Err(RefundRefusal::ExceedsAsked { .. })), "{refused:?}");
    }
}

#[test]
fn what_is_known_or_on_its_way_is_no_persons_to_settle() {
    let (ended, _) = changed(record(&started(), 1, done(6_000, "gw_1"), at(1)));
    for (charge, status) in [(started(), RefundStatus::Processing), (ended, RefundStatus::Succeeded)] {
        let refused = charge.resolve_refund(rf(), &failed(), at(9));
        assert_eq!(refused, Err(RefundRefusal::NothingToResolve(status)));
    }
}

#[test]
fn a_later_no_of_the_gateway_is_told_to_a_person_and_a_later_yes_counts() {
    let (done_by_person, _) = changed(unknown().resolve_refund(rf(), &succeeded(None), at(9)).unwrap());
    let no = Decline { code: DeclineCode::CardDeclined, network_code: None, message: "no".into(), sca: None };
    let declined = CallEnd::Answered(GatewayAnswer::Declined(no));
    let told = done_by_person.told_end(rf().into(), &declined, at(10), &RefundPacing::default()).unwrap();
    assert!(matches!(told, RefundTold::Contradiction(_)), "{told:?}");
    let (failed, _) = changed(unknown().resolve_refund(rf(), &failed(), at(9)).unwrap());
    let (counts, events) = changed(record(&failed, 1, done(6_000, "gw_1"), at(10)));
    assert_eq!(
        (counts.refunds[0].status(), &*events),
        (RefundStatus::Succeeded, &[RefundEvent::Processed(rf())][..]),
        "what the gateway did is done, whatever a person was told"
    );
}
