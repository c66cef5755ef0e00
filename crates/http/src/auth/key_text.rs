//! The text of an API key.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tender_domain::ports::ApiKeyLookup;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 32 bytes need 43 digits of base 62.
const SECRET_DIGITS: usize = 43;

/// An API key as its holder has it: `sk_test_…` or `pk_live_…`, then 32 random bytes in base 62. Shown once, stored
/// only as [`ApiKeyText::hash`]. Does not print.
#[derive(Clone)]
pub struct ApiKeyText {
    text: SecretString,
    publishable: bool,
    livemode: bool,
}

impl ApiKeyText {
    /// The key made of 32 random bytes.
    #[must_use]
    pub fn generate(bytes: [u8; 32], publishable: bool, livemode: bool) -> Self {
        let kind = if publishable { "pk" } else { "sk" };
        let mode = if livemode { "live" } else { "test" };
        let text = format!("{kind}_{mode}_{}", base62(bytes)).into();
        Self { text, publishable, livemode }
    }

    /// Reads a text that may be an API key; none when it has not the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (publishable, rest) = match (text.strip_prefix("sk_"), text.strip_prefix("pk_")) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => return None,
        };
        let (livemode, secret) = match (rest.strip_prefix("test_"), rest.strip_prefix("live_")) {
            (Some(secret), _) => (false, secret),
            (None, Some(secret)) => (true, secret),
            (None, None) => return None,
        };
        let formed = secret.len() == SECRET_DIGITS && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        formed.then(|| Self { text: text.into(), publishable, livemode })
    }

    /// The text itself, to show it once.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Whether it is publishable (`pk_`).
    #[must_use]
    pub const fn is_publishable(&self) -> bool {
        self.publishable
    }

    /// Whether it is for live money (`_live_`).
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.livemode
    }

    /// What may be shown later: the prefix and the last four characters (`sk_test_…a1B2`).
    #[must_use]
    pub fn masked(&self) -> String {
        let text = self.expose();
        format!("{}…{}", &text[..8], &text[text.len() - 4..])
    }

    /// The keyed hash by which the key is stored and found: HMAC-SHA256 with the platform's pepper.
    #[must_use]
    pub fn hash(&self, pepper: &[u8]) -> ApiKeyLookup {
        let mut mac = Hmac::<Sha256>::new_from_slice(pepper).expect("HMAC takes a key of any length");
        mac.update(self.expose().as_bytes());
        ApiKeyLookup(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for ApiKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// The bytes as one big number in base 62, most significant digit first, of fixed width.
fn base62(mut number: [u8; 32]) -> String {
    let mut digits = [b'0'; SECRET_DIGITS];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u16;
        for byte in &mut number {
            let value = (remainder << 8) | u16::from(*byte);
            let quotient = value / 62;
            *byte = u8::try_from(quotient).expect("61 * 256 + 255 divided by 62 is less than 256");
            remainder = value % 62;
        }
        *digit = BASE62[usize::from(remainder)];
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn different_bytes_give_different_keys_of_the_same_form() {
        let mut seen = HashSet::new();
        for byte in 0..=255 {
            let key = ApiKeyText::generate([byte; 32], byte % 2 == 0, byte % 3 == 0);
            let read = ApiKeyText::parse(key.expose()).expect("its own text");
            assert_eq!((read.is_publishable(), read.is_live()), (byte % 2 == 0, byte % 3 == 0));
            assert!(seen.insert(key.expose()[8..].to_owned()));
        }
        assert!(ApiKeyText::generate([0; 32], false, false).expose().ends_with(&"0".repeat(43)));
    }

    #[test]
    fn a_key_does_not_print() {
        let key = ApiKeyText::generate([7; 32], false, false);
        assert!(!format!("{key:?}").contains(&key.expose()[8..20]));
    }

    #[test]
    fn what_has_not_the_form_is_no_key() {
        let text = ApiKeyText::generate([7; 32], false, false).expose().to_owned();
        for other in
            [&text[..50], &text.replace("sk_", "rk_"), &text.replace("test", "demo"), &format!("{text}0"), ""]
        {
            assert!(ApiKeyText::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn the_pepper_and_the_key_both_count() {
        let key = |byte| ApiKeyText::generate([byte; 32], false, false);
        assert_ne!(key(1).hash(b"pepper"), key(2).hash(b"pepper"));
        assert_ne!(key(1).hash(b"pepper"), key(1).hash(b"salt"));
        assert_eq!(key(1).hash(b"pepper"), key(1).hash(b"pepper"));
    }
}
