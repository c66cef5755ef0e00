//! Stripe's decline codes in our vocabulary (<https://docs.stripe.com/declines/codes>).

use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::{Decline, DeclineCode, DeclinedAt, ScaAnswer};

use super::answer::checks_of;
use super::wire::{Expandable, StripeError};

/// Each code of Stripe that has a meaning of ours. What is not here is [`DeclineCode::CardDeclined`].
pub(super) const CODES: &[(&str, DeclineCode)] = {
    use DeclineCode::{
        AuthenticationAbandoned, AuthenticationFailed, AuthenticationRequired, CardDeclined,
        CustomerCanceled, DoNotHonor, ExpiredCard, IncorrectData, InsufficientFunds, IssuerUnavailable,
        LimitExceeded, LostCard, StolenCard, SuspectedFraud, TransactionNotAllowed,
    };
    &[
        ("approve_with_id", CardDeclined),
        ("authentication_not_handled", AuthenticationRequired),
        ("authentication_required", AuthenticationRequired),
        ("call_issuer", DoNotHonor),
        ("card_decline_rate_limit_exceeded", LimitExceeded),
        ("card_not_supported", TransactionNotAllowed),
        ("card_velocity_exceeded", LimitExceeded),
        ("currency_not_supported", TransactionNotAllowed),
        ("do_not_honor", DoNotHonor),
        ("do_not_try_again", TransactionNotAllowed),
        ("duplicate_transaction", TransactionNotAllowed),
        ("expired_card", ExpiredCard),
        ("fraudulent", SuspectedFraud),
        ("generic_decline", CardDeclined),
        ("highest_risk_level", SuspectedFraud),
        ("incorrect_address", IncorrectData),
        ("incorrect_cvc", IncorrectData),
        ("incorrect_number", IncorrectData),
        ("incorrect_pin", IncorrectData),
        ("incorrect_zip", IncorrectData),
        ("insufficient_funds", InsufficientFunds),
        ("invalid_account", IncorrectData),
        ("invalid_amount", LimitExceeded),
        ("invalid_cvc", IncorrectData),
        ("invalid_expiry_month", IncorrectData),
        ("invalid_expiry_year", IncorrectData),
        ("invalid_number", IncorrectData),
        ("invalid_pin", IncorrectData),
        ("issuer_not_available", IssuerUnavailable),
        ("lost_card", LostCard),
        ("merchant_blacklist", SuspectedFraud),
        ("mobile_device_authentication_required", AuthenticationRequired),
        ("new_account_information_available", IncorrectData),
        ("no_action_taken", CardDeclined),
        ("not_permitted", TransactionNotAllowed),
        ("offline_pin_required", AuthenticationRequired),
        ("online_or_offline_pin_required", AuthenticationRequired),
        ("payment_intent_authentication_failure", AuthenticationFailed),
        ("payment_intent_payment_attempt_expired", AuthenticationAbandoned),
        ("payment_method_customer_decline", CustomerCanceled),
        ("payment_method_not_available", IssuerUnavailable),
        ("payment_method_provider_decline", CardDeclined),
        ("payment_method_provider_timeout", IssuerUnavailable),
        // "Possibly lost or stolen" is not enough to say so.
        ("pickup_card", TransactionNotAllowed),
        ("pin_try_exceeded", LimitExceeded),
        ("processing_error", IssuerUnavailable),
        ("reenter_transaction", IssuerUnavailable),
        ("restricted_card", TransactionNotAllowed),
        ("revocation_of_all_authorizations", TransactionNotAllowed),
        ("revocation_of_authorization", TransactionNotAllowed),
        ("security_violation", SuspectedFraud),
        ("service_not_allowed", TransactionNotAllowed),
        ("stolen_card", StolenCard),
        ("stop_payment_order", TransactionNotAllowed),
        ("testmode_decline", TransactionNotAllowed),
        ("transaction_not_allowed", TransactionNotAllowed),
        ("try_again_later", IssuerUnavailable),
        ("withdrawal_count_limit_exceeded", LimitExceeded),
    ]
};

/// The decline that an error of Stripe is.
pub(super) fn decline(error: &StripeError) -> Decline {
    let said = [error.decline_code.as_deref(), error.code.as_deref()];
    let known = said.into_iter().flatten().find_map(find);
    let code = known.unwrap_or(DeclineCode::CardDeclined);
    // The network forbids another try: schemes fine it.
    let code = match error.advice_code.as_deref() {
        Some("do_not_try_again") if code.is_retryable() => DeclineCode::TransactionNotAllowed,
        _ => code,
    };
    let message = error.message.as_deref().or(said.into_iter().flatten().next());
    Decline {
        code,
        network_code: error.network_decline_code.clone(),
        message: mask_card_numbers(message.unwrap_or("the card was declined")),
        sca: ScaAnswer::of_decline(left_there(error)),
    }
}

/// What people find the decline by at Stripe, and what the checks found.
fn left_there(error: &StripeError) -> DeclinedAt {
    let intent = || error.payment_intent.as_ref().map(|intent| intent.id.clone());
    let details = match &error.payment_method {
        Some(Expandable::Object(details)) => Some(details),
        _ => None,
    };
    DeclinedAt {
        gateway_reference: error.charge.clone().or_else(intent),
        acquirer: None,
        avs: checks_of(details),
    }
}

/// Why a refund failed, in our vocabulary.
pub(super) fn refund_failure(reason: Option<&str>) -> Decline {
    let reason = reason.unwrap_or("unknown");
    let code = match reason {
        "lost_or_stolen_card" => DeclineCode::LostCard,
        "expired_or_canceled_card" => DeclineCode::ExpiredCard,
        "insufficient_funds" => DeclineCode::InsufficientFunds,
        _ => DeclineCode::CardDeclined,
    };
    Decline {
        code,
        network_code: None,
        message: format!("the refund failed: {}", mask_card_numbers(reason)),
        sca: None,
    }
}

fn find(code: &str) -> Option<DeclineCode> {
    CODES.iter().find(|(stripes, _)| *stripes == code).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use tender_domain::ports::Avs;

    use super::*;

    fn declined(json: &str) -> Decline {
        decline(&serde_json::from_str(json).expect("an error of Stripe"))
    }

    #[test]
    fn each_code_is_told_in_our_vocabulary() {
        for (stripes, ours) in CODES {
            let json =
                format!(r#"{{"type":"card_error","code":"card_declined","decline_code":"{stripes}"}}"#);
            assert_eq!(declined(&json).code, *ours, "{stripes}");
            // Some come as the error's own code.
            assert_eq!(declined(&format!(r#"{{"type":"card_error","code":"{stripes}"}}"#)).code, *ours);
        }
        assert!(CODES.is_sorted_by(|(one, _), (next, _)| one < next), "each code is there once");
    }

    #[test]
    fn a_code_that_is_new_is_a_plain_decline() {
        assert_eq!(declined(r#"{"decline_code":"of_tomorrow"}"#).code, DeclineCode::CardDeclined);
        assert_eq!(declined("{}").message, "the card was declined");
    }

    #[test]
    fn what_the_network_forbids_is_not_tried_again() {
        let advised =
            r#"{"decline_code":"do_not_honor","advice_code":"do_not_try_again","network_decline_code":"05"}"#;
        let decline = declined(advised);
        assert!(!decline.code.is_retryable());
        assert_eq!(decline.network_code.as_deref(), Some("05"));
        let advised = r#"{"decline_code":"stolen_card","advice_code":"do_not_try_again"}"#;
        assert_eq!(declined(advised).code, DeclineCode::StolenCard);
    }

    #[test]
    fn what_a_decline_left_at_stripe_is_kept() {
        let checks =
            r#"{"address_line1_check":"fail","address_postal_code_check":"fail","cvc_check":"fail"}"#;
        let refused = format!(
            r#"{{"code":"incorrect_cvc","charge":"ch_1","payment_method":{{"id":"pm_1","card":{{"checks":{checks}}}}}}}"#
        );
        let left = declined(&refused).sca.and_then(|told| told.declined).expect("it left something");
        let avs = Avs { avs_result: Some("N".to_owned()), cvv_result: Some("N".to_owned()) };
        let expected = DeclinedAt { gateway_reference: Some("ch_1".to_owned()), acquirer: None, avs };
        assert_eq!(left, expected);
        let named =
            declined(r#"{"charge":"ch_1","payment_method":"pm_1"}"#).sca.and_then(|told| told.declined);
        assert_eq!(named.and_then(|left| left.gateway_reference).as_deref(), Some("ch_1"));
        assert_eq!(declined(r#"{"code":"card_declined"}"#).sca, None);
    }

    #[test]
    fn a_message_shows_no_card_number() {
        let decline = declined(r#"{"message":"card 4242424242424242 was declined"}"#);
        assert!(!decline.message.contains("424242424242"), "{}", decline.message);
    }
}
