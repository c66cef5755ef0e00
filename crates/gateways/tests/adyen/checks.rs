//! Checks of stored cards.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    CallbackHeaders, CheckMethod, DeclineCode, GatewayError, GatewayFact, MethodChecks as _,
    PaymentGateway as _, ZeroAmountAnswer,
};
use tender_domain::vault::{MethodType, VerificationKind};

use crate::double::{Double, body_of};
use crate::rig::{VISA, adyen, now};

const REFERENCE: &str = "pm_01h2xcejqtf2nbrexx3vqjhp41/verify/1";

fn check(token: &str, reference: &str) -> CheckMethod {
    CheckMethod {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        method_type: MethodType::Card,
        token: SecretString::from(token),
    }
}

#[tokio::test]
async fn a_good_card_is_approved_for_nothing_and_its_notification_moves_no_payment() {
    let double = Double::start();
    let adyen = adyen(&double);
    let answer = adyen.authorize_nothing(&check(VISA, REFERENCE)).await;
    let Ok(ZeroAmountAnswer::Approved { avs, .. }) = answer else { panic!("approved: {answer:?}") };
    assert_eq!((avs.avs_result.as_deref(), avs.cvv_result.as_deref()), (Some("Y"), Some("M")));
    let notices = double.books().notices.clone();
    assert_eq!(notices.len(), 1, "it is told of");
    for notice in notices {
        let body = body_of(&[notice]);
        let events =
            adyen.parse_callback(&CallbackHeaders::default(), body.as_bytes(), now()).expect("signed");
        assert!(
            events.iter().all(|event| event.fact == GatewayFact::Other && event.tenant.is_none()),
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn what_is_refused_is_declined_and_what_has_no_end_is_unknown() {
    let double = Double::start();
    let adyen = adyen(&double);
    for (number, token, wanted) in [
        (1, "tender-sandbox-c1/DECLINED00000012", DeclineCode::InsufficientFunds),
        (2, "tender-sandbox-c1/DECLINED00000038", DeclineCode::AuthenticationRequired),
        (3, "tender-sandbox-c1/NOBODYS000000001", DeclineCode::InvalidToken),
        (4, "tender-other-c1/VISA000000000001", DeclineCode::InvalidToken),
    ] {
        match adyen.authorize_nothing(&check(token, &format!("pm_1/verify/{number}"))).await {
            Ok(ZeroAmountAnswer::Declined(why)) => assert_eq!(why.code, wanted, "{token}"),
            other => panic!("declined: {other:?}"),
        }
    }
    let pending = adyen.authorize_nothing(&check("tender-sandbox-c1/PENDING000000001", REFERENCE)).await;
    assert!(matches!(pending, Err(GatewayError::Unknown(_))), "{pending:?}");
    assert!(adyen.verifies(VerificationKind::ZeroAmount, MethodType::Card));
    assert!(!adyen.verifies(VerificationKind::ThreeDs, MethodType::Card));
}
