//! What Adyen can charge, as a token of ours.

use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;

/// How the references of our shoppers begin.
const SHOPPER: &str = "tender-";
/// The longest shopper reference that Adyen takes.
const SHOPPER_CHARS_MAX: usize = 256;

/// The parts of a token; borrowed, so that the secret stays in its keeper.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    /// Whose the stored method is at Adyen (`tender-<tenant>-<one of the tenant's>`).
    pub(super) shopper: &'a str,
    /// The stored method.
    pub(super) method: &'a str,
}

impl<'a> Token<'a> {
    /// The parts of a token, if it is one of this tenant's at Adyen.
    pub(super) fn of(token: &'a SecretString, tenant: &TenantId) -> Option<Self> {
        let (shopper, method) = token.expose_secret().rsplit_once('/')?;
        let own = shopper.strip_prefix(SHOPPER)?.strip_prefix(tenant.as_str())?.strip_prefix('-')?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let is_one = !own.is_empty() && own.bytes().all(plain) && shopper.len() <= SHOPPER_CHARS_MAX;
        (is_one && is_id(method)).then_some(Self { shopper, method })
    }

    /// The token of a stored method.
    pub(super) fn saved(shopper: &str, method: &str) -> SecretString {
        SecretString::from(format!("{shopper}/{method}"))
    }
}

/// The reference of a shopper who is a tenant's.
pub(super) fn shopper(tenant: &TenantId, own: &str) -> String {
    format!("{SHOPPER}{tenant}-{own}")
}

/// Whether a text is an id of Adyen: it goes into addresses and must be nothing else.
pub(super) fn is_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenants_own_tokens_are_taken_apart() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let parts = |text: &str| {
            let token = SecretString::from(text);
            Token::of(&token, &tenant).map(|token| (token.shopper.to_owned(), token.method.to_owned()))
        };
        let made = shopper(&tenant, "c42");
        assert_eq!(parts(&format!("{made}/M5N7TQ4TG5PFWR50")), Some((made, "M5N7TQ4TG5PFWR50".into())));
        for other in [
            "tok_visa",
            "tender-acme-c42/",
            "tender-acme-/M5N7TQ4TG5PFWR50",
            "tender-acme-west-c42/M5N7TQ4TG5PFWR50",
            "tender-other-c42/M5N7TQ4TG5PFWR50",
            "c42/M5N7TQ4TG5PFWR50",
            "tender-acme-c42/M5N7TQ4TG5PFWR50/../x",
            "tender-acme-c42/M5N7TQ4T?x=y",
            "",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
