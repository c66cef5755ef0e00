//! What Square can charge, as a token of ours.

use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;

/// How what a client's form made begins.
const NONCE: &str = "cnon:";
/// How a stored card begins.
const CARD: &str = "ccof:";

/// The parts of a token; borrowed, so that the secret stays in its keeper.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    /// Whose the card is at Square.
    pub(super) customer: &'a str,
    /// The stored card.
    pub(super) card: &'a str,
}

impl<'a> Token<'a> {
    /// The parts of one of this tenant's tokens.
    pub(super) fn of(token: &'a SecretString, tenant: &TenantId) -> Option<Self> {
        let mut parts = token.expose_secret().splitn(3, '/');
        let (owner, customer, card) = (parts.next()?, parts.next()?, parts.next()?);
        let is_theirs = owner.strip_prefix("square-")? == tenant.as_str();
        (is_theirs && is_id(customer) && is_card(card)).then_some(Self { customer, card })
    }

    /// The token of a stored card of this tenant's.
    pub(super) fn saved(tenant: &TenantId, customer: &str, card: &str) -> SecretString {
        SecretString::from(format!("square-{tenant}/{customer}/{card}"))
    }
}

/// What a client's form made, to be stored.
pub(super) fn nonce(token: &SecretString) -> Option<&str> {
    let text = token.expose_secret();
    text.strip_prefix(NONCE).is_some_and(is_word).then_some(text)
}

/// How Square's books name the customers of a tenant.
pub(super) fn reference(tenant: &TenantId) -> String {
    format!("tender-{tenant}")
}

/// Whether a text is an id of Square: it goes into addresses and must be nothing else.
pub(super) fn is_id(text: &str) -> bool {
    text.len() >= 4 && is_word(text)
}

/// Whether a text is the id of a stored card.
pub(super) fn is_card(text: &str) -> bool {
    text.strip_prefix(CARD).is_some_and(is_word)
}

fn is_word(text: &str) -> bool {
    (1..=192).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenants_own_tokens_are_taken_apart() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let own = Token::saved(&tenant, "CUST01", "ccof:uIbfJXhXETSP197M3GB");
        let token = Token::of(&own, &tenant).expect("the tenant's");
        assert_eq!((token.customer, token.card), ("CUST01", "ccof:uIbfJXhXETSP197M3GB"));
        for other in [
            "tok_visa",
            "square-other/CUST01/ccof:uIbf",
            "square-acme/CUST01/cnon:uIbf",
            "square-acme/../ccof:uIbf",
            "square-acme/CUST01/ccof:a/b",
            "square-acme/CUST01",
            "",
        ] {
            assert!(Token::of(&SecretString::from(other), &tenant).is_none(), "{other}");
        }
        assert_eq!(nonce(&SecretString::from("cnon:card-nonce-ok")), Some("cnon:card-nonce-ok"));
        assert_eq!(nonce(&SecretString::from("cnon:a/b")), None);
    }
}
