use async_trait::async_trait;

use crate::kernel::{KeyId, ScopeSet, StoreError, TenantId, Timestamp};

/// What an API key may do, as the services know it. Never the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyGrant {
    /// The key's id.
    pub id: KeyId,
    /// Its tenant.
    pub tenant: TenantId,
    /// Whether it is publishable (`pk_`) rather than secret (`sk_`).
    pub publishable: bool,
    /// Whether it is for live money.
    pub livemode: bool,
    /// What it may do.
    pub scopes: ScopeSet,
    /// When it stops to count; none is never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The keyed hash of an API key's text (HMAC-SHA256 with the platform's pepper).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApiKeyLookup(pub [u8; 32]);

impl ApiKeyLookup {
    /// The hash in lower-case hexadecimal, as it travels and is kept in locators.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The hash with this hexadecimal form; none when the text is not 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: Option<Vec<u8>> = text.bytes().map(hex_digit).collect();
        let bytes: Vec<u8> = digits?.chunks_exact(2).map(|pair| (pair[0] << 4) | pair[1]).collect();
        let whole: [u8; 32] = bytes.try_into().ok()?;
        (text.len() == 64).then_some(Self(whole))
    }
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Finds what an API key may do, by its keyed hash.
#[async_trait]
pub trait ApiKeyDirectory: Send + Sync {
    /// The grant of the key, also when it is revoked or expired; none when there is no such key.
    ///
    /// # Errors
    /// When it cannot be known now. The caller is then told 503, never let in.
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_survives_its_hexadecimal_form_and_nothing_else_is_one() {
        let lookup = ApiKeyLookup(std::array::from_fn(|n| u8::try_from(n * 8).unwrap_or(255)));
        let text = lookup.to_hex();
        assert_eq!(ApiKeyLookup::from_hex(&text), Some(lookup));
        for bad in ["", "00", &text[1..], &format!("{text}0"), &text.to_uppercase(), &"é".repeat(32)] {
            assert_eq!(ApiKeyLookup::from_hex(bad), None, "{bad}");
        }
    }
}
