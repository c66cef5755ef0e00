//! What is not known, at gateways that are asked by our reference or tell by themselves alone.

use serde_json::Value;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    CallKind, GatewayAnswer, Lookup, LookupRequest, NEVER_FINAL, PaymentGateway, UnknownOutcome,
};

use crate::requests::{assert_not_done, assert_unknown, authorization, eur};
use crate::standin::{Double, Fault, Rules};

/// What became of a call, as the gateway says when it is asked by our reference.
#[allow(dead_code, reason = "not each gateway can be asked")]
pub(crate) async fn became(gateway: &dyn PaymentGateway, kind: CallKind, reference: &str) -> Lookup {
    let asked = LookupRequest { tenant: TenantId::sandbox(), kind, reference: reference.to_owned() };
    gateway.lookup(&asked).await.expect("answered")
}

/// That it was found to be done, for so much.
#[allow(dead_code, reason = "not each gateway can be asked")]
pub(crate) fn assert_found(found: &Lookup, minor: i64, was_taken: bool) {
    match found {
        Lookup::Answered(GatewayAnswer::Approved { amount, captured, .. }) => {
            assert_eq!((*amount, *captured), (eur(minor), was_taken));
        }
        other => panic!("it was done: {other:?}"),
    }
}

/// A lost answer is found by our reference, as often as it is asked for, and nothing is ever called not found.
#[allow(dead_code, reason = "not each gateway can be asked")]
pub(crate) async fn a_lost_answer_is_found<R: Rules>(
    double: &Double<R>,
    gateway: &dyn PaymentGateway,
    token: &str,
) {
    let capabilities = gateway.capabilities();
    assert_eq!(capabilities.unknown_outcome, UnknownOutcome::Lookup);
    assert_eq!(capabilities.not_found_is_final_after, NEVER_FINAL);
    for (reference, capture, fault) in [
        ("att_1", true, Fault::LostAfter),
        ("att_2", false, Fault::Nonsense),
        ("att_3", true, Fault::LostBefore),
    ] {
        let is_done = !matches!(fault, Fault::LostBefore);
        double.next(fault);
        assert_unknown(&gateway.authorize(&authorization(reference, token, 800, capture)).await);
        for _ in 0..2 {
            let found = became(gateway, CallKind::Authorize, reference).await;
            if is_done {
                assert_found(&found, 800, capture);
            } else {
                assert_eq!(found, Lookup::Pending, "{reference}");
            }
        }
    }
}

/// Each class of refusal (a status, a body, whether nothing was surely done) is what the gateway says of it; no digits of a
/// card that a refusal repeats are told.
pub(crate) async fn each_refusal_is_what_is_said_of_it<R: Rules>(
    double: &Double<R>,
    gateway: &dyn PaymentGateway,
    (token, digits): (&str, &str),
    refusals: impl IntoIterator<Item = (u16, Value, bool)>,
) {
    for (place, (status, body, is_known)) in refusals.into_iter().enumerate() {
        double.next(Fault::Refused(status, body));
        let request = authorization(&format!("att_refused_{place}"), token, 5, true);
        let answer = gateway.authorize(&request).await;
        if is_known {
            assert_not_done(&answer)
        } else {
            assert_unknown(&answer)
        }
        assert!(!format!("{answer:?}").contains(digits), "{place}: {answer:?}");
    }
}
