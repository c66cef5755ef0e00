//! Worldpay's signatures: `Event-Signature: <key id>/SHA256/<hex>[,…]` of HMAC-SHA256 over the raw body. Nothing signs the
//! time, and Worldpay sends an event again for days: what tells a repetition is its id.

use data_encoding::HEXLOWER_PERMISSIVE;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::ports::{CallbackHeaders, CallbackRefusal};

use crate::mac;

const SIGNATURE: &str = "event-signature";

/// The keys that sign events, by their ids.
pub(super) struct Keys(Vec<(String, SecretString)>);

impl Keys {
    /// The keys of a setting: `<key id>:<secret>`, separated by commas; none when one of them is no key.
    pub(super) fn of(text: &SecretString) -> Option<Self> {
        let key = |part: &str| {
            let (id, secret) = part.trim().split_once(':')?;
            let is_one = !id.is_empty() && !secret.is_empty() && !id.contains('/');
            is_one.then(|| (id.to_owned(), SecretString::from(secret)))
        };
        text.expose_secret().split(',').map(key).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Checks who sent an event, over the bytes as they came. Several signatures come in any order; one under a key of
    /// ours is enough.
    ///
    /// # Errors
    /// When it is not signed, or signed otherwise.
    pub(super) fn verify(&self, headers: &CallbackHeaders, body: &[u8]) -> Result<(), CallbackRefusal> {
        let header = headers.get(SIGNATURE).ok_or(CallbackRefusal::Unsigned(SIGNATURE))?;
        let mut good = false;
        for one in header.split(',') {
            let mut parts = one.trim().splitn(3, '/');
            let (Some(id), Some("SHA256"), Some(sent)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let sent = HEXLOWER_PERMISSIVE.decode(sent.as_bytes()).unwrap_or_default();
            for (_, secret) in self.0.iter().filter(|(known, _)| known == id) {
                good |= mac::is_same(&mac::sha256(secret.expose_secret().as_bytes(), &[body]), &sent);
            }
        }
        if good { Ok(()) } else { Err(CallbackRefusal::BadSignature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python's `hmac` and by OpenSSL.
    const OF_SECRET: &str = "ee20052e701c46ed3e88d92f893b0b1cce94857ca21e83094043cade48ee5640";
    const BODY: &[u8] = br#"{"eventId":"e1"}"#;

    fn verified(keys: &str, header: &str) -> Result<(), CallbackRefusal> {
        let headers = [("Event-Signature", header)].into_iter().collect();
        Keys::of(&SecretString::from(keys)).expect("keys").verify(&headers, BODY)
    }

    #[test]
    fn one_signature_of_several_under_a_key_of_ours_is_enough() {
        let own = format!("k1/SHA256/{OF_SECRET}");
        for header in [own.clone(), format!("k0/SHA256/00,{own}"), format!("{own}, k2/SHA256/zz")] {
            assert_eq!(verified("k1:secret", &header), Ok(()), "{header}");
        }
        assert_eq!(verified("k2:other,k1:secret", &own), Ok(()), "while it is rolled");
        for header in [
            format!("k2/SHA256/{OF_SECRET}"),
            format!("k1/MD5/{OF_SECRET}"),
            format!("k1/SHA256/{}", &OF_SECRET[1..]),
            OF_SECRET.to_owned(),
            String::new(),
        ] {
            assert_eq!(verified("k1:secret", &header), Err(CallbackRefusal::BadSignature), "{header}");
        }
        assert_eq!(verified("k1:other", &own), Err(CallbackRefusal::BadSignature));
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "secret", "k1:", ":secret", "k1:secret,", "a/b:secret"] {
            assert!(Keys::of(&SecretString::from(text)).is_none(), "{text}");
        }
    }
}
