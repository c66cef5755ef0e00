//! What PayU can charge, as a token of ours.

use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;

use crate::mac;

/// How what PayU's form made begins; it can be used once.
const ONCE: &str = "TOK_";
/// How a stored card begins.
const STORED: &str = "TOKC_";

/// The parts of a token; borrowed, so that the secret stays in its keeper.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    /// Whose the card is in PayU's books.
    pub(super) customer: &'a str,
    /// The stored card.
    pub(super) card: &'a str,
}

impl<'a> Token<'a> {
    /// The parts of one of this tenant's tokens.
    pub(super) fn of(token: &'a SecretString, tenant: &TenantId) -> Option<Self> {
        let mut parts = token.expose_secret().splitn(3, '/');
        let (owner, customer, card) = (parts.next()?, parts.next()?, parts.next()?);
        let is_theirs = owner.strip_prefix("payu-")? == tenant.as_str();
        (is_theirs && is_word(customer) && is_stored(card)).then_some(Self { customer, card })
    }

    /// The token of a stored card of this tenant's.
    pub(super) fn saved(tenant: &TenantId, customer: &str, card: &str) -> SecretString {
        SecretString::from(format!("payu-{tenant}/{customer}/{card}"))
    }
}

/// What PayU's form in the shop's page made, to be stored.
pub(super) fn once(token: &SecretString) -> Option<&str> {
    let text = token.expose_secret();
    text.strip_prefix(ONCE).is_some_and(is_word).then_some(text)
}

/// Whether a text is a stored card.
pub(super) fn is_stored(text: &str) -> bool {
    text.strip_prefix(STORED).is_some_and(is_word)
}

/// How PayU's books name the customer of a card: one for each, the same each time. `secret` is the account's.
pub(super) fn customer(secret: &SecretString, tenant: &TenantId, once: &str) -> String {
    let parts = [b"tender card ".as_slice(), tenant.as_str().as_bytes(), b" ", once.as_bytes()];
    HEXLOWER.encode(&mac::sha256(secret.expose_secret().as_bytes(), &parts)[..12])
}

/// Whether a text can be an id of PayU: it goes into addresses and must be nothing else.
pub(super) fn is_id(text: &str) -> bool {
    (6..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_word(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenants_own_tokens_are_taken_apart() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let own = Token::saved(&tenant, "c0ffee", "TOKC_XATB7DF8AC");
        let token = Token::of(&own, &tenant).expect("the tenant's");
        assert_eq!((token.customer, token.card), ("c0ffee", "TOKC_XATB7DF8AC"));
        for other in [
            "tok_visa",
            "TOKC_XATB7DF8AC",
            "payu-other/c0ffee/TOKC_XATB7DF8AC",
            "payu-acme/c0ffee/TOK_XATB7DF8AC",
            "payu-acme/../TOKC_X",
            "payu-acme/c0ffee/TOKC_a/b",
            "payu-acme/c0ffee",
            "",
        ] {
            assert!(Token::of(&SecretString::from(other), &tenant).is_none(), "{other}");
        }
        assert_eq!(once(&SecretString::from("TOK_1IOPVS7E")), Some("TOK_1IOPVS7E"));
        for other in ["TOKC_XATB7DF8AC", "TOK_", "TOK_a/b", "tok_visa"] {
            assert_eq!(once(&SecretString::from(other)), None, "{other}");
        }
    }

    #[test]
    fn a_card_has_one_customer_and_each_tenant_another() {
        let (secret, acme, other) = (SecretString::from("s"), "acme", "other");
        let of = |tenant: &str, token: &str| customer(&secret, &tenant.parse().expect("a tenant"), token);
        assert_eq!(of(acme, "TOK_1"), of(acme, "TOK_1"));
        assert_ne!(of(acme, "TOK_1"), of(acme, "TOK_2"));
        assert_ne!(of(acme, "TOK_1"), of(other, "TOK_1"));
    }
}
