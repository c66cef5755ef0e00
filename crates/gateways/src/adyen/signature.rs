//! Adyen's signatures: `additionalData.hmacSignature` of each notification, HMAC-SHA256 in base64 over eight of its
//! values, joined by colons as they are, under a key that is written in hex.
//!
//! Nothing else is signed: neither the time, nor the reason, nor other data. Who acts on a notification goes by the eight.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tender_domain::ports::CallbackRefusal;

use super::wire::Item;

const SIGNATURE: &str = "additionalData.hmacSignature";

/// The keys of a webhook, several while one is rolled.
pub(super) struct Keys(Vec<Vec<u8>>);

impl Keys {
    /// The keys of a setting: hex, separated by commas; none when one of them is no key.
    pub(super) fn of(text: &SecretString) -> Option<Self> {
        let key = |text: &str| HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
        let keys: Option<Vec<_>> = text.expose_secret().split(',').map(key).collect();
        // Shorter ones are no keys of Adyen, which makes 32 bytes.
        keys.filter(|keys| keys.iter().all(|key| key.len() >= 16)).map(Self)
    }

    /// Checks who sent a notification.
    ///
    /// # Errors
    /// When it is not signed, or signed otherwise.
    pub(super) fn verify(&self, item: &Item) -> Result<(), CallbackRefusal> {
        let sent = item.additional_data.as_ref().and_then(|data| data.get("hmacSignature"));
        let sent = sent.ok_or(CallbackRefusal::Unsigned(SIGNATURE))?;
        let sent = BASE64.decode(sent.as_bytes()).unwrap_or_default();
        let mut good = false;
        for key in &self.0 {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
            mac.update(signed(item).as_bytes());
            let wanted: [u8; 32] = mac.finalize().into_bytes().into();
            good |= bool::from(wanted.ct_eq(&sent));
        }
        if good { Ok(()) } else { Err(CallbackRefusal::BadSignature) }
    }
}

fn signed(item: &Item) -> String {
    let Item {
        psp_reference, merchant_account_code, merchant_reference, amount, event_code, success, ..
    } = item;
    let original = item.original_reference.as_deref().unwrap_or_default();
    format!(
        "{psp_reference}:{original}:{merchant_account_code}:{merchant_reference}:{}:{}:{event_code}:{success}",
        amount.value, amount.currency
    )
}

/// Whether the signature tells the values apart. They are joined as they are: with a colon in one of them, another
/// notification has the same signature.
pub(super) fn is_plain(item: &Item) -> bool {
    let original = item.original_reference.as_deref().unwrap_or_default();
    let texts = [
        &item.psp_reference,
        &item.merchant_account_code,
        &item.merchant_reference,
        &item.amount.currency,
        &item.event_code,
        &item.success,
    ];
    !original.contains(':') && texts.iter().all(|text| !text.contains(':'))
}
