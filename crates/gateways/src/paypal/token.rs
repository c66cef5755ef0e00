//! What PayPal can charge, as a token of ours.

use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;

/// The payment token of one of this tenant's tokens; borrowed, so that the secret stays in its keeper.
pub(super) fn payment_token<'a>(token: &'a SecretString, tenant: &TenantId) -> Option<&'a str> {
    let (owner, id) = token.expose_secret().rsplit_once('/')?;
    let is_theirs = owner.strip_prefix("paypal-")? == tenant.as_str();
    (is_theirs && is_id(id)).then_some(id)
}

/// The token of a payment token of this tenant's.
pub(super) fn saved(tenant: &TenantId, id: &str) -> SecretString {
    SecretString::from(format!("paypal-{tenant}/{id}"))
}

/// How PayPal's books name the customer of a tenant's payment tokens; at most 64 characters.
pub(super) fn customer(tenant: &TenantId) -> Option<String> {
    let name = format!("tender-{tenant}");
    (name.len() <= 64).then_some(name)
}

/// Whether a text is an id of PayPal: it goes into addresses and must be nothing else.
pub(super) fn is_id(text: &str) -> bool {
    (6..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tenants_own_tokens_are_taken_apart() {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let own = saved(&tenant, "8kk8451t");
        assert_eq!(payment_token(&own, &tenant), Some("8kk8451t"));
        for other in
            ["tok_visa", "paypal-other/8kk8451t", "paypal-acme/", "paypal-acme/8kk8451t?x", "8kk8451t", ""]
        {
            assert_eq!(payment_token(&SecretString::from(other), &tenant), None, "{other}");
        }
    }
}
