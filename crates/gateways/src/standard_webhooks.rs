//! Signatures of callbacks as Standard Webhooks has them: `webhook-signature: v1,<base64>` of HMAC-SHA256 over
//! `<webhook-id>.<webhook-timestamp>.<raw body>`.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CALLBACK_TOLERANCE, CallbackHeaders, CallbackRefusal};

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const VERSION: &str = "v1,";

/// A key made of a secret that serves other purposes too; `label` keeps them apart.
pub(crate) fn derived_key(secret: &[u8], label: &[u8]) -> [u8; 32] {
    mac(secret, &[label])
}

/// Checks who sent a callback, over the bytes as they came. Several signatures, with spaces between them, may stand
/// beside each other while a secret is changed; one that counts is enough.
///
/// # Errors
/// When it is not signed, signed otherwise, or by a clock too far from `now`.
pub(crate) fn verify(
    key: &[u8],
    headers: &CallbackHeaders,
    body: &[u8],
    now: Timestamp,
) -> Result<(), CallbackRefusal> {
    let header = |name| headers.get(name).ok_or(CallbackRefusal::Unsigned(name));
    let (id, time, given) = (header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?);
    let seconds: i64 = time.parse().map_err(|_| CallbackRefusal::Unsigned(TIMESTAMP))?;
    let wanted = mac(key, &[id.as_bytes(), b".", time.as_bytes(), b".", body]);
    let mut good = false;
    for one in given.split(' ').filter_map(|one| one.strip_prefix(VERSION)) {
        good |= bool::from(wanted.ct_eq(&BASE64.decode(one.as_bytes()).unwrap_or_default()));
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

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification (standardwebhooks.com, "Signature scheme").
    #[test]
    fn the_specifications_example_verifies() {
        let key = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let headers: CallbackHeaders = [
            (ID, "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            (TIMESTAMP, "1614265330"),
            (SIGNATURE, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ]
        .into_iter()
        .collect();
        let at: Timestamp = "2021-02-25T15:02:10Z".parse().expect("an instant");
        assert_eq!(verify(&key, &headers, br#"{"test": 2432232314}"#, at), Ok(()));
        assert_eq!(verify(&key, &headers, br#"{"test":2432232314}"#, at), Err(CallbackRefusal::BadSignature));
        let later = at + CALLBACK_TOLERANCE + std::time::Duration::from_secs(1);
        assert_eq!(
            verify(&key, &headers, br#"{"test": 2432232314}"#, later),
            Err(CallbackRefusal::OutOfTime)
        );
    }
}
