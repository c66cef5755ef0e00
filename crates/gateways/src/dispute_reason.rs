//! Why a payment is disputed, of what gateways tell: the network's code where there is one, else the gateway's own word.

use tender_domain::disputes::{CardNetwork, DisputeReason, reason_of_code};

/// The network by the name that gateways have for it; none when nothing is said of it.
pub(crate) fn network(name: Option<&str>) -> Option<CardNetwork> {
    Some(match name?.to_ascii_lowercase().as_str() {
        "visa" => CardNetwork::Visa,
        "mastercard" | "mc" => CardNetwork::Mastercard,
        "amex" | "american_express" => CardNetwork::Amex,
        _ => CardNetwork::Other,
    })
}

/// The network's code, kept as it was given, with its network, and what it means. A code without a meaning here means
/// what the gateway's own word does.
pub(crate) fn reason(
    network: Option<CardNetwork>,
    code: Option<&str>,
    own: DisputeReason,
) -> (Option<CardNetwork>, Option<String>, DisputeReason) {
    let Some(code) = code.filter(|code| !code.is_empty()) else { return (network, None, own) };
    let network = network.unwrap_or(CardNetwork::Other);
    let reason = match reason_of_code(Some(network), code) {
        Ok(DisputeReason::Other) | Err(_) => own,
        Ok(reason) => reason,
    };
    (Some(network), Some(code.to_owned()), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_networks_code_is_kept_and_says_more_than_the_gateways_word() {
        let visa = network(Some("visa"));
        let told = reason(visa, Some("13.1"), DisputeReason::Other);
        assert_eq!(told, (visa, Some("13.1".to_owned()), DisputeReason::ProductNotReceived));
        let told = reason(network(Some("cup")), Some("77"), DisputeReason::Fraud);
        assert_eq!(told, (Some(CardNetwork::Other), Some("77".to_owned()), DisputeReason::Fraud));
        assert_eq!(reason(None, None, DisputeReason::Duplicate), (None, None, DisputeReason::Duplicate));
    }
}
