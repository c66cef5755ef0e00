//! Stripe's signatures: `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]` of HMAC-SHA256 over `<t>.<raw body>`.

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CALLBACK_TOLERANCE, CallbackHeaders, CallbackRefusal};

const SIGNATURE: &str = "stripe-signature";

/// Checks who sent a callback, over the bytes as they came. While a secret is rolled there are several signatures; one
/// that counts is enough.
///
/// # Errors
/// When it is not signed, signed otherwise, or by a clock too far from `now`.
pub(super) fn verify(
    secret: &[u8],
    headers: &CallbackHeaders,
    body: &[u8],
    now: Timestamp,
) -> Result<(), CallbackRefusal> {
    let unsigned = CallbackRefusal::Unsigned(SIGNATURE);
    let header = headers.get(SIGNATURE).ok_or(unsigned.clone())?;
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let mut times = parts().filter(|(name, _)| *name == "t").map(|(_, value)| value);
    let (Some(time), None) = (times.next(), times.next()) else { return Err(unsigned) };
    let seconds: i64 = time.parse().map_err(|_| unsigned)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let wanted: [u8; 32] = mac.finalize().into_bytes().into();
    let mut good = false;
    for (_, one) in parts().filter(|(name, _)| *name == "v1") {
        good |= bool::from(wanted.ct_eq(&HEXLOWER_PERMISSIVE.decode(one.as_bytes()).unwrap_or_default()));
    }
    if !good {
        return Err(CallbackRefusal::BadSignature);
    }
    // Only now: whoever cannot sign learns nothing of our clock.
    if now.timestamp().abs_diff(seconds) > CALLBACK_TOLERANCE.as_secs() {
        return Err(CallbackRefusal::OutOfTime);
    }
    Ok(())
}
