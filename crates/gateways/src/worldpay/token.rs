//! What Worldpay can charge, as a token of ours.

use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;

/// The longest namespace that Worldpay takes.
const NAMESPACE_CHARS_MAX: usize = 64;

/// The id of one of this tenant's tokens; borrowed, so that the secret stays in its keeper.
pub(super) fn token_id<'a>(token: &'a SecretString, tenant: &TenantId) -> Option<&'a str> {
    let (owner, id) = token.expose_secret().split_once('/')?;
    let is_theirs = owner.strip_prefix("worldpay-")? == tenant.as_str();
    (is_theirs && is_id(id)).then_some(id)
}

/// The token of a stored card of this tenant's; none when its address is none of Worldpay's.
pub(super) fn saved(tenant: &TenantId, href: &str) -> Option<SecretString> {
    let id = href.rsplit('/').next().filter(|id| is_id(id))?;
    Some(SecretString::from(format!("worldpay-{tenant}/{id}")))
}

/// The namespace of a tenant's card in Worldpay's books: one for each, for a namespace holds few.
pub(super) fn namespace(tenant: &TenantId, mark: &str) -> Option<String> {
    let name = format!("{}{mark}", of_tenant(tenant));
    (name.len() <= NAMESPACE_CHARS_MAX).then_some(name)
}

/// Whether a namespace is one of this tenant's.
pub(super) fn is_of(namespace: &str, tenant: &TenantId) -> bool {
    // A tenant's name has no dot in it.
    namespace.strip_prefix(&of_tenant(tenant)).is_some_and(|mark| !mark.contains('.'))
}

fn of_tenant(tenant: &TenantId) -> String {
    format!("tender.{tenant}.")
}

/// Whether a text is an id of a token: it goes into addresses and must be nothing else.
fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=');
    (6..=512).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenants_own_tokens_are_taken_apart() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let own = saved(&tenant, "https://try.access.worldpay.com/tokens/eyJrIjoxLCJkIjoi").expect("one");
        assert_eq!(token_id(&own, &tenant), Some("eyJrIjoxLCJkIjoi"));
        for other in ["tok_visa", "worldpay-other/eyJrIjox", "worldpay-acme/", "worldpay-acme/eyJrI/../x", ""]
        {
            assert_eq!(token_id(&SecretString::from(other), &tenant), None, "{other}");
        }
        assert!(saved(&tenant, "https://x/tokens/..").is_none());
    }

    #[test]
    fn a_namespace_says_whose_a_token_is() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let name = namespace(&tenant, "0123456789abcdef").expect("short");
        assert!(is_of(&name, &tenant));
        for other in ["tender.acme-west.00", "tender.acme.00.x", "somebody's", ""] {
            assert!(!is_of(other, &tenant), "{other}");
        }
        assert_eq!(namespace(&"t".repeat(60).parse().expect("a tenant"), "0123456789abcdef"), None);
    }
}
