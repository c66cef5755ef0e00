//! HMAC-SHA256 as gateways sign with it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The code of these parts, one after the other.
pub(crate) fn sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether a code is the one that was sent, in constant time.
pub(crate) fn is_same(wanted: &[u8], sent: &[u8]) -> bool {
    wanted.ct_eq(sent).into()
}
