//! Checks of stored cards.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    CheckMethod, DeclineCode, GatewayError, MethodChecks as _, PaymentGateway as _, ZeroAmountAnswer,
};
use tender_domain::vault::{MethodType, VerificationKind};

use crate::rig::{Double, VISA, worldpay};
use crate::standin::Fault;

const REFERENCE: &str = "pm_01h2xcejqtf2nbrexx3vqjhp41/verify/1";

fn check(token: &str) -> CheckMethod {
    CheckMethod {
        tenant: TenantId::sandbox(),
        reference: REFERENCE.to_owned(),
        method_type: MethodType::Card,
        token: SecretString::from(token),
    }
}

#[tokio::test]
async fn a_good_card_is_verified_for_nothing_and_no_payment_is_made() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    assert!(worldpay.verifies(VerificationKind::ZeroAmount, MethodType::Card));
    assert!(!worldpay.verifies(VerificationKind::ThreeDs, MethodType::Card));
    assert!(worldpay.method_checks().is_some());
    let answer = worldpay.authorize_nothing(&check(VISA)).await;
    let Ok(ZeroAmountAnswer::Approved { avs, .. }) = answer else { panic!("approved: {answer:?}") };
    assert_eq!((avs.avs_result.as_deref(), avs.cvv_result.as_deref()), (Some("Y"), Some("U")));
    assert!(double.kept().rules.payments.is_empty());
}

#[tokio::test]
async fn what_an_issuer_refuses_is_declined_and_what_has_no_end_is_unknown() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    for (token, wanted) in [
        ("worldpay-sandbox/tokenrefused54", DeclineCode::ExpiredCard),
        ("worldpay-sandbox/tokennobodys", DeclineCode::InvalidToken),
        ("worldpay-other/tokenvisa01", DeclineCode::InvalidToken),
    ] {
        match worldpay.authorize_nothing(&check(token)).await {
            Ok(ZeroAmountAnswer::Declined(why)) => {
                assert_eq!(why.code, wanted, "{token}");
                assert!(!why.message.contains("44443333"), "{why:?}");
            }
            other => panic!("declined: {other:?}"),
        }
    }
    let new = worldpay.authorize_nothing(&check("worldpay-sandbox/tokenoutcomeperhaps")).await;
    assert!(matches!(new, Err(GatewayError::Unknown(_))), "{new:?}");
    double.next(Fault::LostAfter);
    let lost = worldpay.authorize_nothing(&check(VISA)).await;
    assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{lost:?}");
}
