//! Checks of saved cards.

use secrecy::SecretString;
use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CheckMethod, DeclineCode, GatewayError, MethodChecks as _, ZeroAmountAnswer};
use tender_domain::vault::{Enrolment, MethodType, VerificationKind};

use crate::double::{Double, Fault};
use crate::rig::stripe;

const REFERENCE: &str = "pm_01h2xcejqtf2nbrexx3vqjhp41/verify/1";

fn check(token: &str, reference: &str) -> CheckMethod {
    CheckMethod {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        method_type: MethodType::Card,
        token: SecretString::from(token),
    }
}

fn code(answer: Result<ZeroAmountAnswer, GatewayError>) -> DeclineCode {
    match answer {
        Ok(ZeroAmountAnswer::Declined(why)) => why.code,
        other => panic!("declined: {other:?}"),
    }
}

#[tokio::test]
async fn a_good_card_is_approved_for_nothing_and_no_payment_is_made() {
    let double = Double::start();
    let answer = stripe(&double).authorize_nothing(&check("pm_card_visa", REFERENCE)).await;
    let Ok(ZeroAmountAnswer::Approved { avs, .. }) = answer else { panic!("approved: {answer:?}") };
    assert_eq!((avs.avs_result.as_deref(), avs.cvv_result.as_deref()), (Some("Z"), Some("M")));
    assert!(double.books().intents.is_empty(), "no payment intent");
}

#[tokio::test]
async fn what_the_issuer_says_no_to_is_declined_and_says_why() {
    let double = Double::start();
    let stripe = stripe(&double);
    for (number, token, wanted) in [
        (1, "pm_card_declined_stolen_card", DeclineCode::StolenCard),
        (2, "pm_card_nobody_knows", DeclineCode::InvalidToken),
        (3, "tok_visa", DeclineCode::InvalidToken),
        (4, "pm_card_authenticationRequired", DeclineCode::AuthenticationRequired),
    ] {
        let reference = format!("pm_1/verify/{number}");
        assert_eq!(code(stripe.authorize_nothing(&check(token, &reference)).await), wanted, "{token}");
    }
    let open: Vec<_> = double.books().setups.values().map(|setup| setup["status"].clone()).collect();
    assert!(
        !open.contains(&json!("requires_action")),
        "no challenge stays open that nobody will meet: {open:?}"
    );
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_same_check_again_is_the_same_setup() {
    let double = Double::start();
    let stripe = stripe(&double);
    double.next(Fault::LostAfter);
    let lost = stripe.authorize_nothing(&check("pm_card_visa", REFERENCE)).await;
    assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{lost:?}");
    let again = stripe.authorize_nothing(&check("pm_card_visa", REFERENCE)).await;
    assert!(matches!(again, Ok(ZeroAmountAnswer::Approved { .. })), "{again:?}");
    assert_eq!(double.books().setups.len(), 1, "one setup intent");
    let hangs = stripe.authorize_nothing(&check("pm_card_processing", "pm_2/verify/1")).await;
    assert!(matches!(hangs, Err(GatewayError::Unknown(_))), "{hangs:?}");
}

#[tokio::test]
async fn whether_a_card_can_be_authenticated_is_asked_without_an_effect() {
    let double = Double::start();
    let stripe = stripe(&double);
    assert!(stripe.verifies(VerificationKind::ThreeDs, MethodType::Card));
    assert!(!stripe.verifies(VerificationKind::MicroDeposits, MethodType::BankAccount));
    for (usage, wanted) in [
        (json!({"supported": true}), Enrolment::Enrolled),
        (json!({"supported": false}), Enrolment::NotEnrolled),
        (json!(null), Enrolment::Unknown),
    ] {
        let method = json!({"id": "pm_of_the_form", "object": "payment_method", "customer": null, "card": {
            "brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2031, "fingerprint": null,
            "three_d_secure_usage": usage}});
        double.books().methods.insert("pm_of_the_form".into(), method);
        let told = stripe.three_ds_support(&check("pm_of_the_form", REFERENCE)).await.expect("answered");
        assert_eq!(told.enrolment, wanted);
    }
    assert!(double.books().asked.is_empty(), "nothing with an effect was asked for");
}
