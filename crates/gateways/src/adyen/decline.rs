//! Adyen's refusal reasons in our vocabulary (<https://docs.adyen.com/development-resources/refusal-reasons>).

use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::{Decline, DeclineCode};

/// Each reason: its code, its text as notifications have it, and what it is to us.
pub(super) const REASONS: &[(&str, &str, DeclineCode)] = {
    use DeclineCode::{
        AuthenticationFailed, AuthenticationRequired, CardDeclined, DoNotHonor, ExpiredCard, IncorrectData,
        InsufficientFunds, IssuerUnavailable, LimitExceeded, SuspectedFraud, TransactionNotAllowed,
    };
    &[
        ("2", "Refused", CardDeclined),
        ("3", "Referral", DoNotHonor),
        ("4", "Acquirer Error", IssuerUnavailable),
        ("5", "Blocked Card", TransactionNotAllowed),
        ("6", "Expired Card", ExpiredCard),
        ("7", "Invalid Amount", LimitExceeded),
        ("8", "Invalid Card Number", IncorrectData),
        ("9", "Issuer Unavailable", IssuerUnavailable),
        ("10", "Not supported", TransactionNotAllowed),
        ("11", "3D Not Authenticated", AuthenticationFailed),
        ("12", "Not enough balance", InsufficientFunds),
        ("14", "Acquirer Fraud", SuspectedFraud),
        ("15", "Cancelled", AuthenticationFailed),
        ("16", "Shopper Cancelled", AuthenticationFailed),
        ("17", "Invalid Pin", IncorrectData),
        ("18", "Pin tries exceeded", LimitExceeded),
        ("19", "Pin validation not possible", TransactionNotAllowed),
        ("20", "FRAUD", SuspectedFraud),
        ("21", "Not Submitted", IssuerUnavailable),
        ("22", "FRAUD-CANCELLED", SuspectedFraud),
        ("23", "Transaction Not Permitted", TransactionNotAllowed),
        ("24", "CVC Declined", IncorrectData),
        ("25", "Restricted Card", TransactionNotAllowed),
        ("26", "Revocation Of Auth", TransactionNotAllowed),
        ("27", "Declined Non Generic", DoNotHonor),
        ("28", "Withdrawal amount exceeded", LimitExceeded),
        ("29", "Withdrawal count exceeded", LimitExceeded),
        ("31", "Issuer Suspected Fraud", SuspectedFraud),
        ("32", "AVS Declined", IncorrectData),
        ("33", "Card requires online pin", AuthenticationRequired),
        ("34", "No checking account available on Card", TransactionNotAllowed),
        ("35", "No savings account available on Card", TransactionNotAllowed),
        ("36", "Mobile PIN required", AuthenticationRequired),
        ("37", "Contactless fallback", TransactionNotAllowed),
        ("38", "Authentication required", AuthenticationRequired),
        ("39", "RReq not received from DS", AuthenticationFailed),
        ("42", "3DS Authentication Error", AuthenticationFailed),
        ("43", "Online PIN required", AuthenticationRequired),
        // Schemes fine another try.
        ("46", "Transaction blocked by Adyen to prevent excessive retry fees", TransactionNotAllowed),
    ]
};

/// The decline with this reason: by its code, else by its text. The network's own answer (`05 : Do not honor`) is `raw`,
/// where the account is told it.
pub(super) fn decline(code: Option<&str>, reason: Option<&str>, raw: Option<&str>) -> Decline {
    let by_code = REASONS.iter().find(|(known, ..)| Some(*known) == code);
    let by_text = || {
        REASONS
            .iter()
            .find(|(_, text, _)| reason.is_some_and(|reason| reason.trim().eq_ignore_ascii_case(text)))
    };
    let found = by_code.or_else(by_text).map_or(DeclineCode::CardDeclined, |(.., ours)| *ours);
    let network_code = raw.and_then(|raw| raw.split_once(':')).map(|(code, _)| code.trim().to_owned());
    Decline {
        sca: None,
        code: found,
        network_code: network_code.filter(|code| (1..=4).contains(&code.len())),
        message: mask_card_numbers(reason.filter(|text| !text.is_empty()).unwrap_or("the card was declined")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_in_our_vocabulary_by_its_code_and_by_its_text() {
        for (code, text, ours) in REASONS {
            assert_eq!(decline(Some(code), None, None).code, *ours, "{code}");
            assert_eq!(decline(None, Some(&text.to_uppercase()), None).code, *ours, "{text}");
        }
        assert_eq!(decline(Some("99"), Some("of tomorrow"), None).code, DeclineCode::CardDeclined);
    }

    #[test]
    fn the_networks_own_answer_is_kept() {
        let told = decline(Some("2"), Some("Refused"), Some("05 : Do not honor"));
        assert_eq!((told.network_code.as_deref(), told.message.as_str()), (Some("05"), "Refused"));
        assert_eq!(decline(Some("2"), None, Some("DECLINED")).network_code, None);
        let hidden = decline(None, Some("card 4111111111111111 was refused"), None);
        assert!(!hidden.message.contains("41111111111"), "{}", hidden.message);
    }
}
