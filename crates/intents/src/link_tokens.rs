//! Tokens of payment links: made of the link's id and the platform's secret, so that none is ever kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};
use tender_domain::kernel::{PaymentLinkId, TenantId};

/// Makes tokens. Who knows the secret can pay any link, so it prints nothing.
#[derive(Debug, Clone)]
pub struct LinkTokens(SecretSlice<u8>);

impl LinkTokens {
    /// With the platform's secret; another secret makes every link's address another.
    #[must_use]
    pub const fn new(secret: SecretSlice<u8>) -> Self {
        Self(secret)
    }

    /// The token of a link: 256 bits, as 43 characters that need no escaping in an address.
    pub(crate) fn of(&self, tenant: &TenantId, link: PaymentLinkId) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes keys of any length");
        mac.update(b"payment link");
        mac.update(&(tenant.as_str().len() as u64).to_be_bytes());
        mac.update(tenant.as_str().as_bytes());
        mac.update(link.uuid().as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// What is kept of a token.
    pub(crate) fn hash(token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use tender_domain::kernel::{PaymentLinkId, TenantId};
    use uuid::Uuid;

    use super::LinkTokens;

    #[test]
    fn a_token_is_of_its_link_tenant_and_secret_alone() {
        let tokens = |secret: &[u8]| LinkTokens::new(secret.to_vec().into());
        let link = |number| PaymentLinkId::from_uuid(Uuid::from_u128(number));
        let (acme, other): (TenantId, TenantId) =
            ("acme".parse().expect("a tenant"), "other".parse().expect("a tenant"));
        let token = tokens(b"s").of(&acme, link(1));
        assert_eq!((token.len(), &token), (43, &tokens(b"s").of(&acme, link(1))));
        for another in [
            tokens(b"t").of(&acme, link(1)),
            tokens(b"s").of(&other, link(1)),
            tokens(b"s").of(&acme, link(2)),
        ] {
            assert_ne!(token, another);
        }
    }
}
