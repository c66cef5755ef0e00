//! What Stripe can charge, as a token of ours.

use secrecy::{ExposeSecret, SecretString};

/// The parts of a token; borrowed, so that the secret stays in its keeper.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    /// Whose the method is at Stripe (`cus_…`); none for one that is not saved.
    pub(super) customer: Option<&'a str>,
    /// The method (`pm_…`).
    pub(super) method: &'a str,
}

impl<'a> Token<'a> {
    /// The parts of a token, if it is one of Stripe's.
    pub(super) fn of(token: &'a SecretString) -> Option<Self> {
        let token = token.expose_secret();
        let (customer, method) = match token.split_once('/') {
            Some((customer, method)) => (Some(customer), method),
            None => (None, token),
        };
        let is_one = is_id(method, "pm_") && customer.is_none_or(|customer| is_id(customer, "cus_"));
        is_one.then_some(Self { customer, method })
    }

    /// The token of a method that is a customer's.
    pub(super) fn saved(customer: &str, method: &str) -> SecretString {
        SecretString::from(format!("{customer}/{method}"))
    }
}

/// Whether a text is an id of Stripe with this prefix: it goes into addresses and must be nothing else.
pub(super) fn is_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    !rest.is_empty() && text.len() <= 255 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stripes_tokens_are_taken_apart() {
        let parts = |text: &str| {
            let token = SecretString::from(text);
            Token::of(&token).map(|token| (token.customer.map(ToOwned::to_owned), token.method.to_owned()))
        };
        assert_eq!(parts("pm_card_visa"), Some((None, "pm_card_visa".into())));
        assert_eq!(parts("cus_9/pm_1"), Some((Some("cus_9".into()), "pm_1".into())));
        for other in ["tok_visa", "pm_", "", "cus_9/tok_visa", "cus_/pm_1", "pm_1/../refunds", "cus_9/pm_1?x"]
        {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
