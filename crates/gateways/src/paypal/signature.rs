//! PayPal's signatures: RSA with SHA-256 over `<transmission id>|<transmission time>|<webhook id>|<crc32 of the raw body>`,
//! under a certificate whose address stands beside it.

use data_encoding::BASE64;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CALLBACK_TOLERANCE, CallbackHeaders, CallbackRefusal};

const ID: &str = "paypal-transmission-id";
const TIME: &str = "paypal-transmission-time";
const SIGNATURE: &str = "paypal-transmission-sig";
const CERTIFICATE: &str = "paypal-cert-url";
const ALGORITHM: &str = "paypal-auth-algo";
/// For how long PayPal sends an event again, and a day: an older one may be a recording. What tells a repetition within it is
/// the event's id.
const AGE_MAX: chrono::Duration = chrono::Duration::days(4);

/// What is signed of a webhook, and how, as its headers say.
pub(super) struct Signed<'a> {
    id: &'a str,
    time: &'a str,
    /// Where the certificate is.
    pub(super) certificate: &'a str,
    /// As bytes.
    pub(super) signature: Vec<u8>,
}

impl<'a> Signed<'a> {
    /// What the headers say, at this time.
    ///
    /// # Errors
    /// When one of them is not there or is none, or its time is too far from ours.
    pub(super) fn of(headers: &'a CallbackHeaders, now: Timestamp) -> Result<Self, CallbackRefusal> {
        let header = |name: &'static str| headers.get(name).ok_or(CallbackRefusal::Unsigned(name));
        let (id, time, certificate) = (header(ID)?, header(TIME)?, header(CERTIFICATE)?);
        if !header(ALGORITHM)?.eq_ignore_ascii_case("SHA256withRSA") {
            return Err(CallbackRefusal::BadSignature);
        }
        let signature = BASE64.decode(header(SIGNATURE)?.as_bytes());
        let signature = signature.map_err(|_| CallbackRefusal::BadSignature)?;
        // What separates the parts is in none of them.
        let at: Timestamp = time.parse().map_err(|_| CallbackRefusal::BadSignature)?;
        if id.contains('|') || id.is_empty() {
            return Err(CallbackRefusal::BadSignature);
        }
        let ahead = chrono::Duration::from_std(CALLBACK_TOLERANCE).unwrap_or_default();
        if now - at > AGE_MAX || at - now > ahead {
            return Err(CallbackRefusal::OutOfTime);
        }
        Ok(Self { id, time, certificate, signature })
    }

    /// What is signed; `webhook` is the id that PayPal gave to our address.
    pub(super) fn message(&self, webhook: &str, body: &[u8]) -> String {
        format!("{}|{}|{webhook}|{}", self.id, self.time, crc32fast::hash(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(time: &str, algorithm: &str) -> CallbackHeaders {
        let headers = [
            ("PAYPAL-TRANSMISSION-ID", "69cd13f0-d67a"),
            ("PAYPAL-TRANSMISSION-TIME", time),
            ("PAYPAL-TRANSMISSION-SIG", "AAAA"),
            ("PAYPAL-CERT-URL", "https://api.paypal.com/v1/notifications/certs/CERT-1"),
            ("PAYPAL-AUTH-ALGO", algorithm),
        ];
        headers.into_iter().collect()
    }

    #[test]
    fn what_is_signed_has_the_sum_of_the_raw_body() {
        let now: Timestamp = "2026-02-18T20:01:35Z".parse().expect("a time");
        let headers = headers("2026-02-18T20:01:35Z", "SHA256withRSA");
        let signed = Signed::of(&headers, now).expect("whole");
        // The sum was computed by Python's zlib.
        let body = br#"{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}"#;
        let message = signed.message("1JE4291016473214C", body);
        assert_eq!(message, "69cd13f0-d67a|2026-02-18T20:01:35Z|1JE4291016473214C|2325436976");
    }

    #[test]
    fn an_old_one_and_one_of_another_algorithm_are_refused() {
        let now: Timestamp = "2026-02-18T20:01:35Z".parse().expect("a time");
        for (time, algorithm, refusal) in [
            ("2026-02-15T20:01:35Z", "SHA256withRSA", None),
            ("2026-02-14T20:01:34Z", "SHA256withRSA", Some(CallbackRefusal::OutOfTime)),
            ("2026-02-18T20:06:36Z", "SHA256withRSA", Some(CallbackRefusal::OutOfTime)),
            ("2026-02-18T20:01:35Z", "SHA1withRSA", Some(CallbackRefusal::BadSignature)),
            ("soon", "SHA256withRSA", Some(CallbackRefusal::BadSignature)),
        ] {
            assert_eq!(Signed::of(&headers(time, algorithm), now).err(), refusal, "{time} {algorithm}");
        }
        let none = CallbackHeaders::default();
        assert!(matches!(Signed::of(&none, now), Err(CallbackRefusal::Unsigned(_))));
    }
}
