//! How callbacks are signed: as Standard Webhooks does it, `webhook-signature: v1,<base64>` of HMAC-SHA256 over id, time
//! and the raw body, with a key of its own derived from the shared secret.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CALLBACK_TOLERANCE, CallbackHeaders, CallbackRefusal};
use tender_domain::simulator::SignedCallback;

pub(crate) const ID: &str = "webhook-id";
pub(crate) const TIMESTAMP: &str = "webhook-timestamp";
pub(crate) const SIGNATURE: &str = "webhook-signature";

/// What the key of signatures is derived by; both sides know it.
const LABEL: &[u8] = b"tender simulator callbacks";
const VERSION: &str = "v1,";

/// The callback as it is sent now.
pub(crate) fn sign(secret: &SecretString, event_id: &str, body: &str, now: Timestamp) -> SignedCallback {
    let time = now.timestamp().to_string();
    let signature = format!("{VERSION}{}", BASE64.encode(&mac(secret, event_id, &time, body.as_bytes())));
    let headers = vec![(ID, event_id.to_owned()), (TIMESTAMP, time), (SIGNATURE, signature)];
    SignedCallback { headers, body: body.to_owned() }
}

/// Checks a callback. `webhook-signature` may carry several, with spaces between them, while a secret is changed.
pub(crate) fn verify(
    secret: &SecretString,
    headers: &CallbackHeaders,
    body: &[u8],
    now: Timestamp,
) -> Result<(), CallbackRefusal> {
    let id = headers.get(ID).ok_or(CallbackRefusal::Unsigned(ID))?;
    let time = headers.get(TIMESTAMP).ok_or(CallbackRefusal::Unsigned(TIMESTAMP))?;
    let given = headers.get(SIGNATURE).ok_or(CallbackRefusal::Unsigned(SIGNATURE))?;
    let seconds: i64 = time.parse().map_err(|_| CallbackRefusal::Unsigned(TIMESTAMP))?;
    let wanted = mac(secret, id, time, body);
    let mut good = false;
    for one in given.split(' ').filter_map(|one| one.strip_prefix(VERSION)) {
        let bytes = BASE64.decode(one.as_bytes()).unwrap_or_default();
        good |= bool::from(wanted.ct_eq(&bytes));
    }
    if !good {
        return Err(CallbackRefusal::BadSignature);
    }
    if now.timestamp().abs_diff(seconds) > CALLBACK_TOLERANCE.as_secs() {
        return Err(CallbackRefusal::OutOfTime);
    }
    Ok(())
}

fn mac(secret: &SecretString, id: &str, time: &str, body: &[u8]) -> [u8; 32] {
    let keyed = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    let mut derived = keyed(secret.expose_secret().as_bytes());
    derived.update(LABEL);
    let mut mac = keyed(&derived.finalize().into_bytes());
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-04T12:00:00Z".parse().expect("an instant")
    }

    #[test]
    fn only_the_same_bytes_id_time_and_secret_verify() {
        let secret = "a secret of tests".into();
        let signed = sign(&secret, "evt_1", "{\"a\":1}", now());
        let check = |secret: &SecretString, change: fn(&mut Vec<(&'static str, String)>), body: &str| {
            let mut headers = signed.headers.clone();
            change(&mut headers);
            verify(secret, &headers.into_iter().collect(), body.as_bytes(), now())
        };
        assert_eq!(check(&secret, |_| {}, "{\"a\":1}"), Ok(()));
        assert_eq!(check(&secret, |_| {}, "{\"a\": 1}"), Err(CallbackRefusal::BadSignature));
        assert_eq!(check(&"another".into(), |_| {}, "{\"a\":1}"), Err(CallbackRefusal::BadSignature));
        for (place, value) in [(0, "evt_2"), (1, "1772625601"), (2, "v1,AAAA"), (2, "v2,x"), (2, "")] {
            let mut headers = signed.headers.clone();
            headers[place].1 = value.to_owned();
            let refused = verify(&secret, &headers.into_iter().collect(), b"{\"a\":1}", now());
            assert_eq!(refused, Err(CallbackRefusal::BadSignature), "{value}");
        }
        for place in 0..3 {
            let mut headers = signed.headers.clone();
            let (name, _) = headers.remove(place);
            let refused = verify(&secret, &headers.into_iter().collect(), b"{\"a\":1}", now());
            assert_eq!(refused, Err(CallbackRefusal::Unsigned(name)));
        }
    }

    #[test]
    fn an_old_one_does_not_count_and_one_of_several_signatures_is_enough() {
        let secret = "a secret of tests".into();
        let signed = sign(&secret, "evt_1", "{}", now());
        let headers: CallbackHeaders = signed.headers.clone().into_iter().collect();
        for (ahead, good) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let then = now() + chrono::Duration::seconds(ahead);
            assert_eq!(verify(&secret, &headers, b"{}", then).is_ok(), good, "{ahead} s");
        }
        let mut several = signed.headers;
        several[2].1 = format!("v1,AAAA {}", several[2].1);
        assert_eq!(verify(&secret, &several.into_iter().collect(), b"{}", now()), Ok(()));
    }
}
