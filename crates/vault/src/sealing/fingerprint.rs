//! Keyed fingerprints: of cards, and of requests that carry card data.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tender_domain::kernel::TenantId;
use tender_domain::vault::{MethodFingerprint, MethodType};
use zeroize::Zeroizing;

use super::KeyringError;
use super::keyring::decode_key;

const CARD_FORM: &str = "card form";
const DEPOSITS: &str = "deposits";

/// The platform's fingerprint key. A bare hash of a card number can be reversed by trying all numbers; a keyed one
/// cannot without the key. Prints nothing, is wiped when dropped.
#[derive(Clone)]
pub struct FingerprintKey(Zeroizing<[u8; 32]>);

impl FingerprintKey {
    /// The key from the base64 of its 32 bytes.
    ///
    /// # Errors
    /// [`KeyringError::BadFingerprintKey`].
    pub fn from_base64(text: &SecretString) -> Result<Self, KeyringError> {
        decode_key(text.expose_secret().trim()).map(Self).ok_or(KeyringError::BadFingerprintKey)
    }

    /// The fingerprint of what a connector calls the card or account, for one tenant and type: tenants cannot compare
    /// theirs.
    pub(crate) fn of_method(
        &self,
        method_type: MethodType,
        tenant: &TenantId,
        connector: &str,
        identity: &SecretString,
    ) -> MethodFingerprint {
        let parts = [tenant.as_str().as_bytes(), connector.as_bytes(), identity.expose_secret().as_bytes()];
        MethodFingerprint(self.hmac(method_type.as_str(), &parts))
    }

    /// The key for the fingerprints of requests whose bodies may hold card data.
    #[must_use]
    pub fn for_requests(&self) -> tender_http::FingerprintKey {
        tender_http::FingerprintKey::new(self.hmac("requests", &[]).to_vec())
    }

    /// What a card form is signed with.
    pub(crate) fn of_card_form(&self, text: &[u8]) -> [u8; 32] {
        self.hmac(CARD_FORM, &[text])
    }

    /// Whether a card form was signed by this key. Takes the same time for every wrong signature.
    pub(crate) fn signed_card_form(&self, text: &[u8], signature: &[u8]) -> bool {
        self.mac(CARD_FORM, &[text]).verify_slice(signature).is_ok()
    }

    /// What is kept of the amounts of deposits, in either order: enough to know them again, of no use without the key.
    /// `of` says whose they are.
    pub(crate) fn of_deposits(&self, of: &str, amounts: [i64; 2]) -> String {
        let [less, more] = in_order(amounts);
        STANDARD.encode(self.hmac(DEPOSITS, &[of.as_bytes(), &less, &more]))
    }

    /// Whether these are the amounts. Takes the same time for all wrong ones.
    pub(crate) fn are_deposits(&self, of: &str, amounts: [i64; 2], kept: &str) -> bool {
        let [less, more] = in_order(amounts);
        let kept = STANDARD.decode(kept).unwrap_or_default();
        self.mac(DEPOSITS, &[of.as_bytes(), &less, &more]).verify_slice(&kept).is_ok()
    }

    fn hmac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(purpose, parts).finalize().into_bytes().into()
    }

    /// Each part is preceded by its length, so that no two lists of parts give the same input.
    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("HMAC takes keys of any length");
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

fn in_order([one, other]: [i64; 2]) -> [[u8; 8]; 2] {
    [one.min(other).to_be_bytes(), one.max(other).to_be_bytes()]
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> FingerprintKey {
        FingerprintKey(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn the_same_card_is_recognised_within_a_tenant_and_nowhere_else() {
        let (sandbox, other) = (TenantId::sandbox(), "other".parse::<TenantId>().expect("a tenant"));
        let card = SecretString::from("card-1");
        let print = key(1).of_method(MethodType::Card, &sandbox, "simulator", &card);
        assert_eq!(print, key(1).of_method(MethodType::Card, &sandbox, "simulator", &card));
        assert_ne!(print, key(1).of_method(MethodType::Card, &other, "simulator", &card), "another tenant");
        assert_ne!(
            print,
            key(1).of_method(MethodType::ApplePay, &sandbox, "simulator", &card),
            "another type"
        );
        assert_ne!(print, key(2).of_method(MethodType::Card, &sandbox, "simulator", &card), "another key");
        assert_ne!(
            print,
            key(1).of_method(MethodType::Card, &sandbox, "simulator", &SecretString::from("card-2")),
            "another card"
        );
        assert_ne!(
            key(1).of_method(MethodType::Card, &sandbox, "a", &SecretString::from("bc")),
            key(1).of_method(MethodType::Card, &sandbox, "ab", &SecretString::from("c")),
            "parts do not run together"
        );
    }

    #[test]
    fn deposits_are_known_again_in_either_order_and_by_their_own_method_and_key_only() {
        let kept = key(1).of_deposits("pm_1/verify/1", [45, 32]);
        assert!(key(1).are_deposits("pm_1/verify/1", [32, 45], &kept));
        for (key, of, amounts) in [
            (key(1), "pm_1/verify/1", [32, 44]),
            (key(1), "pm_1/verify/1", [32, 32]),
            (key(1), "pm_1/verify/2", [32, 45]),
            (key(2), "pm_1/verify/1", [32, 45]),
        ] {
            assert!(!key.are_deposits(of, amounts, &kept), "{of} {amounts:?}");
        }
        assert!(!key(1).are_deposits("pm_1/verify/1", [32, 45], ""), "nothing is kept");
    }

    #[test]
    fn the_key_does_not_print_and_must_have_32_bytes() {
        assert_eq!(format!("{:?}", key(1)), "FingerprintKey(…)");
        let short = SecretString::from("c2hvcnQ=");
        assert_eq!(
            FingerprintKey::from_base64(&short).expect_err("refused"),
            KeyringError::BadFingerprintKey
        );
    }
}
