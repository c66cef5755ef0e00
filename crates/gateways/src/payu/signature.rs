//! PayU's signatures: `OpenPayu-Signature: sender=…;signature=<hex>;algorithm=<name>;content=DOCUMENT`, its parts in any
//! order, of the raw body followed by the second key. Nothing signs the time, and PayU sends a notification again for days:
//! what tells a repetition is what it says.

use data_encoding::HEXLOWER_PERMISSIVE;
use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256, Sha384, Sha512};
use tender_domain::ports::{CallbackHeaders, CallbackRefusal};

use crate::mac;

/// Under either name; the second one came with an older plugin.
const SIGNATURE: &str = "openpayu-signature";
const OTHER: &str = "x-openpayu-signature";

/// Checks who sent a notification, over the bytes as they came.
///
/// # Errors
/// When it is not signed, or signed otherwise. An algorithm that PayU does not sign notifications with is refused.
pub(super) fn verify(
    key: &SecretString,
    headers: &CallbackHeaders,
    body: &[u8],
) -> Result<(), CallbackRefusal> {
    let header = headers.get(SIGNATURE).or_else(|| headers.get(OTHER));
    let header = header.ok_or(CallbackRefusal::Unsigned(SIGNATURE))?;
    // Said twice, nobody knows which one counts.
    let part = |name: &str| {
        let mut found = header.split(';').filter_map(|part| {
            let (known, value) = part.trim().split_once('=')?;
            (known == name).then_some(value)
        });
        let value = found.next()?;
        found.next().is_none().then_some(value)
    };
    let (sent, algorithm) = part("signature").zip(part("algorithm")).ok_or(CallbackRefusal::BadSignature)?;
    let sent = HEXLOWER_PERMISSIVE.decode(sent.as_bytes()).map_err(|_| CallbackRefusal::BadSignature)?;
    let parts = [body, key.expose_secret().as_bytes()];
    let wanted = match algorithm {
        "MD5" => hashed::<Md5>(&parts),
        "SHA-256" | "SHA256" => hashed::<Sha256>(&parts),
        "SHA-384" | "SHA384" => hashed::<Sha384>(&parts),
        "SHA-512" | "SHA512" => hashed::<Sha512>(&parts),
        _ => return Err(CallbackRefusal::BadSignature),
    };
    if mac::is_same(&wanted, &sent) { Ok(()) } else { Err(CallbackRefusal::BadSignature) }
}

fn hashed<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = D::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The message and the key of the unit tests of PayU's own library, and what it makes of them.
    const BODY: &[u8] = b"OpenPayUData";
    const KEY: &str = "SignatureKey";
    const MD5: &str = "8375034eb737d520c829fad4026a38aa";
    const SHA256: &str = "8b2fd55b48f150347df56ce18d787335f32ced1d67f214016476f7c0a8f09981";

    fn verified(name: &str, header: &str) -> Result<(), CallbackRefusal> {
        let headers = [(name, header)].into_iter().collect();
        verify(&SecretString::from(KEY), &headers, BODY)
    }

    #[test]
    fn signatures_of_payus_own_library_count_whatever_their_order() {
        for header in [
            format!("sender=checkout;signature={MD5};algorithm=MD5;content=DOCUMENT"),
            format!("signature={SHA256};algorithm=SHA-256;sender=checkout"),
            format!("algorithm=SHA256; signature={}", SHA256.to_uppercase()),
        ] {
            assert_eq!(verified("OpenPayu-Signature", &header), Ok(()), "{header}");
            assert_eq!(verified("X-OpenPayU-Signature", &header), Ok(()), "{header}");
        }
    }

    #[test]
    fn another_algorithm_or_a_part_that_is_missing_or_there_twice_is_refused() {
        let sha1 = "5d8c2a3a1c02a7ba4a7d3f7dd58f8e6be4a4c1aa";
        for header in [
            format!("signature={sha1};algorithm=SHA-1"),
            format!("signature={MD5};algorithm=SHA-256"),
            format!("signature={MD5};algorithm=none"),
            format!("signature={MD5}"),
            "algorithm=MD5".to_owned(),
            format!("signature={MD5};signature={MD5};algorithm=MD5"),
            format!("signature={MD5};algorithm=MD5;algorithm=SHA-256"),
            format!("signature={};algorithm=MD5", &MD5[1..]),
            format!("signature={};algorithm=MD5", &MD5[2..]),
            String::new(),
        ] {
            let refused = verified("OpenPayu-Signature", &header);
            assert_eq!(refused, Err(CallbackRefusal::BadSignature), "{header}");
        }
        let unsigned = verify(&SecretString::from(KEY), &CallbackHeaders::default(), BODY);
        assert!(matches!(unsigned, Err(CallbackRefusal::Unsigned(_))));
    }
}
