//! Saferpay's reasons in our vocabulary (<https://saferpay.github.io/jsonapi/#errorhandling>).

use tender_domain::ports::{Avs, Decline, DeclineCode, DeclinedAt, ScaAnswer};

use super::wire::Refusal;
use crate::said::{self, of_network};

/// Each error's name that is a decline. What the processor says besides is nearer to the truth.
const NAMES: &[(&str, DeclineCode)] = {
    use DeclineCode::{
        AuthenticationFailed, AuthenticationRequired, CardDeclined, CustomerCanceled, ExpiredCard,
        IncorrectData, InvalidToken, SuspectedFraud, TransactionNotAllowed,
    };
    &[
        ("3DS_AUTHENTICATION_FAILED", AuthenticationFailed),
        ("ALIAS_INVALID", InvalidToken),
        ("BLOCKED_BY_RISK_MANAGEMENT", SuspectedFraud),
        ("CARD_CHECK_FAILED", IncorrectData),
        ("CARD_CVC_INVALID", IncorrectData),
        ("CARD_CVC_REQUIRED", IncorrectData),
        ("CARD_EXPIRED", ExpiredCard),
        ("CONDITION_NOT_SATISFIED", AuthenticationFailed),
        ("GENERAL_DECLINED", CardDeclined),
        ("PAYER_AUTHENTICATION_REQUIRED", AuthenticationRequired),
        ("PAYMENTMEANS_INVALID", IncorrectData),
        ("PAYMENTMEANS_NOT_SUPPORTED", TransactionNotAllowed),
        ("TRANSACTION_ABORTED", CustomerCanceled),
        ("TRANSACTION_DECLINED", CardDeclined),
    ]
};

/// The decline that a refusal is; none when it is about the request itself.
pub(super) fn decline(refusal: &Refusal) -> Option<Decline> {
    let (_, named) = NAMES.iter().find(|(name, _)| *name == refusal.error_name)?;
    let result = refusal.processor_result.as_deref().filter(|code| !code.is_empty());
    let code = match named {
        DeclineCode::CardDeclined => result.and_then(of_network).unwrap_or(*named),
        named => *named,
    };
    let message = refusal.processor_message.as_deref().or(refusal.error_message.as_deref());
    let why = said::decline(code, result, message.unwrap_or(&refusal.error_name));
    let left = DeclinedAt {
        gateway_reference: refusal.transaction_id.clone(),
        acquirer: refusal.processor_name.clone(),
        // Saferpay tells nothing of address and code, also with an approval.
        avs: Avs::default(),
    };
    Some(Decline { sca: ScaAnswer::of_decline(left), ..why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, result: Option<&str>) -> Refusal {
        Refusal {
            error_name: name.into(),
            error_message: Some("no to 4111111111111111".into()),
            error_detail: Vec::new(),
            transaction_id: None,
            processor_name: None,
            processor_result: result.map(str::to_owned),
            processor_message: None,
        }
    }

    #[test]
    fn each_name_is_told_in_our_vocabulary() {
        for (name, ours) in NAMES {
            let told = decline(&refusal(name, None)).expect("a decline");
            assert_eq!(told.code, *ours, "{name}");
            assert!(!told.message.contains("411111111"), "{told:?}");
        }
        assert!(NAMES.is_sorted_by(|(one, _), (next, _)| one < next), "each name is there once");
        for other in ["AUTHENTICATION_FAILED", "VALIDATION_FAILED", "TRANSACTION_NOT_FOUND"] {
            assert_eq!(decline(&refusal(other, Some("51"))), None, "{other}");
        }
    }

    #[test]
    fn what_the_processor_says_is_the_reason() {
        let told = |name, result| decline(&refusal(name, result)).expect("a decline");
        let poor = told("TRANSACTION_DECLINED", Some("51"));
        assert_eq!((poor.code, poor.network_code.as_deref()), (DeclineCode::InsufficientFunds, Some("51")));
        assert_eq!(told("TRANSACTION_DECLINED", Some("??")).code, DeclineCode::CardDeclined);
        let soft = told("PAYER_AUTHENTICATION_REQUIRED", Some("1A"));
        assert_eq!(soft.code, DeclineCode::AuthenticationRequired);
    }
    #[test]
    fn what_a_decline_left_at_saferpay_is_kept() {
        let told = Refusal {
            transaction_id: Some("723n4MAjMdhjSAhAKEUdA8jtl9jb".into()),
            processor_name: Some("Test Acquirer".into()),
            ..refusal("TRANSACTION_DECLINED", Some("05"))
        };
        let left = decline(&told).and_then(|why| why.sca).and_then(|told| told.declined);
        let expected = DeclinedAt {
            gateway_reference: Some("723n4MAjMdhjSAhAKEUdA8jtl9jb".into()),
            acquirer: Some("Test Acquirer".into()),
            avs: Avs::default(),
        };
        assert_eq!(left, Some(expected));
        let nothing = decline(&refusal("TRANSACTION_DECLINED", Some("05"))).expect("a decline");
        assert_eq!(nothing.sca, None, "it became no transaction");
    }
}
