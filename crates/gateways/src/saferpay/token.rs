//! What Saferpay can charge, as a token of ours.

use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tender_domain::kernel::TenantId;

use super::ids::fresh;

/// The longest alias that Saferpay takes.
const ALIAS_CHARS_MAX: usize = 40;
/// The longest token of a transaction or a page.
const TOKEN_CHARS_MAX: usize = 50;

/// The alias of one of this tenant's tokens; borrowed, so that the secret stays in its keeper.
pub(super) fn alias<'a>(token: &'a SecretString, tenant: &TenantId) -> Option<&'a str> {
    let (owner, alias) = token.expose_secret().rsplit_once('/')?;
    let is_theirs = owner.strip_prefix("saferpay-")? == tenant.as_str();
    (is_theirs && is_of(alias, tenant)).then_some(alias)
}

/// The token of an alias of this tenant's.
pub(super) fn saved(tenant: &TenantId, alias: &str) -> SecretString {
    SecretString::from(format!("saferpay-{tenant}/{alias}"))
}

/// A name for an alias that is made for this tenant.
pub(super) fn new_alias(tenant: &TenantId) -> String {
    let mut name = format!("{}{}", mark(tenant), fresh().simple());
    name.truncate(ALIAS_CHARS_MAX);
    name
}

/// Whether an alias is this tenant's: it begins with the tenant's mark, a hyphen after it.
pub(super) fn is_of(alias: &str, tenant: &TenantId) -> bool {
    // Saferpay does not tell capitals from small letters in them.
    alias.len() <= ALIAS_CHARS_MAX
        && is_id(alias)
        && alias.to_ascii_lowercase().strip_prefix(&mark(tenant)).is_some_and(|rest| !rest.is_empty())
}

/// Whether a text can be a token of a transaction or a page.
pub(super) fn is_token(text: &str) -> bool {
    text.len() <= TOKEN_CHARS_MAX && is_id(text)
}

/// Whether a text can be the id of a transaction.
pub(super) fn is_transaction(text: &str) -> bool {
    text.len() <= 64 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Saferpay's ids: letters, digits and a few signs.
fn is_id(text: &str) -> bool {
    let sign = |b: u8| matches!(b, b'.' | b':' | b'-' | b'_');
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || sign(b))
}

/// What the aliases of a tenant begin with: the first twelve hex digits of the SHA-256 of its name, and a hyphen. A name can
/// be longer than an alias.
fn mark(tenant: &TenantId) -> String {
    format!("{}-", HEXLOWER.encode(&Sha256::digest(tenant.as_str())[..6]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenants_own_tokens_are_taken_apart() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let stranger: TenantId = "stranger".parse().expect("a tenant");
        let own = new_alias(&tenant);
        assert_eq!((own.len(), is_of(&own, &tenant), is_of(&own, &stranger)), (40, true, false));
        assert!(is_of(&own.to_ascii_uppercase(), &tenant), "capitals are the same there");
        assert_eq!(alias(&saved(&tenant, &own), &tenant), Some(own.as_str()));
        assert_eq!(alias(&saved(&tenant, &own), &stranger), None);
        // Another tenant's, under this tenant's name.
        assert_eq!(alias(&saved(&stranger, &own), &stranger), None);
        for other in ["tok_visa", "saferpay-acme/", "saferpay-acme/alias35nfd9", "saferpay-acme/a/b", ""] {
            assert_eq!(alias(&SecretString::from(other), &tenant), None, "{other}");
        }
    }
}
