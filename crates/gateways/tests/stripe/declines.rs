//! Each reason of Stripe in our vocabulary, over the wire.

use tender_domain::ports::{DeclineCode, GatewayAnswer, PaymentGateway};

use crate::double::Double;
use crate::rig::{authorization, stripe};

/// The codes that Stripe lists as decline codes of cards, with what they must become.
const DECLINES: &[(&str, &str)] = &[
    ("approve_with_id", "card_declined"),
    ("authentication_required", "authentication_required"),
    ("call_issuer", "do_not_honor"),
    ("card_not_supported", "transaction_not_allowed"),
    ("card_velocity_exceeded", "limit_exceeded"),
    ("currency_not_supported", "transaction_not_allowed"),
    ("do_not_honor", "do_not_honor"),
    ("do_not_try_again", "transaction_not_allowed"),
    ("duplicate_transaction", "transaction_not_allowed"),
    ("expired_card", "expired_card"),
    ("fraudulent", "suspected_fraud"),
    ("generic_decline", "card_declined"),
    ("incorrect_cvc", "incorrect_data"),
    ("incorrect_number", "incorrect_data"),
    ("incorrect_zip", "incorrect_data"),
    ("insufficient_funds", "insufficient_funds"),
    ("invalid_account", "incorrect_data"),
    ("invalid_amount", "limit_exceeded"),
    ("issuer_not_available", "issuer_unavailable"),
    ("lost_card", "lost_card"),
    ("merchant_blacklist", "suspected_fraud"),
    ("pickup_card", "transaction_not_allowed"),
    ("processing_error", "issuer_unavailable"),
    ("reenter_transaction", "issuer_unavailable"),
    ("restricted_card", "transaction_not_allowed"),
    ("revocation_of_authorization", "transaction_not_allowed"),
    ("stolen_card", "stolen_card"),
    ("stop_payment_order", "transaction_not_allowed"),
    ("testmode_decline", "transaction_not_allowed"),
    ("try_again_later", "issuer_unavailable"),
    ("withdrawal_count_limit_exceeded", "limit_exceeded"),
    ("of_tomorrow", "card_declined"),
];

#[tokio::test]
async fn each_decline_says_why_and_says_it_again() {
    let double = Double::start();
    let stripe = stripe(&double);
    for (stripes, ours) in DECLINES {
        let request =
            authorization(&format!("att_{stripes}"), &format!("pm_card_declined_{stripes}"), 500, true);
        let answer = stripe.authorize(&request).await.expect("answered");
        let GatewayAnswer::Declined(decline) = &answer else { panic!("{stripes}: {answer:?}") };
        assert_eq!(decline.code.as_str(), *ours, "{stripes}");
        assert_eq!(decline.network_code.as_deref(), Some("05"));
        assert_eq!(stripe.authorize(&request).await.expect("answered"), answer, "{stripes} again");
    }
    assert_eq!(double.books().asked.len(), DECLINES.len());
}

#[tokio::test]
async fn a_token_that_is_not_stripes_is_declined_and_never_sent() {
    let double = Double::start();
    let stripe = stripe(&double);
    for token in ["tok_visa", "sim_0199", "", "cus_1/tok_visa", "4242424242424242"] {
        let answer = stripe.authorize(&authorization("att_1", token, 500, true)).await.expect("answered");
        let code = DeclineCode::InvalidToken;
        assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    }
    assert!(double.books().asked.is_empty());
    for token in ["pm_nobody_knows", "cus_1/pm_nobody_knows"] {
        let request = authorization(&format!("att_{}", token.len()), token, 500, true);
        let answer = stripe.authorize(&request).await.expect("answered");
        let code = DeclineCode::InvalidToken;
        assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    }
}
