//! What tells one request from another under the same idempotency key.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tender_domain::kernel::RequestFingerprint;

use crate::Problem;

/// A secret that makes fingerprints keyed (HMAC-SHA256). Put it into the application's data, as
/// `web::Data<FingerprintKey>`, where bodies may hold card data: the bare hash of a card number can be reversed by
/// trying them all.
#[derive(Debug, Clone)]
pub struct FingerprintKey(SecretSlice<u8>);

impl FingerprintKey {
    /// The key with these bytes; 32 or more.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    pub(super) const fn secret(&self) -> &SecretSlice<u8> {
        &self.0
    }
}

/// The fingerprint of a request: its method, its path (the tenant's path form already made plain) and its body as
/// canonical JSON, so that neither the order of fields nor white space makes another request of it. Of a customer, who
/// sees no other's rows, it is a request of that customer's: a key that two customers happen to choose is not one.
pub(super) fn of(
    secret: Option<&SecretSlice<u8>>,
    customer: Option<&str>,
    (method, path): (&str, &str),
    body: &[u8],
) -> Result<RequestFingerprint, Problem> {
    let mut text = format!("{method}\n{path}\n").into_bytes();
    if let Some(customer) = customer {
        text.extend_from_slice(format!("customer {}\n", Value::from(customer)).as_bytes());
    }
    if !body.is_empty() {
        let value: Value = super::parse_json(body)?;
        write_canonical(&value, &mut text);
    }
    let digest: [u8; 32] = match secret {
        None => Sha256::digest(&text).into(),
        Some(key) => {
            let mut mac =
                Hmac::<Sha256>::new_from_slice(key.expose_secret()).expect("HMAC takes a key of any length");
            mac.update(&text);
            mac.finalize().into_bytes().into()
        }
    };
    Ok(RequestFingerprint(digest))
}

/// Keys sorted, no white space, numbers by their own text. Recursion is bounded: the body's depth was checked.
fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                write_canonical(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            // Sorted here, whatever order the map was built to keep.
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            out.push(b'{');
            for (key, value) in sorted {
                out.extend_from_slice(Value::from(key.as_str()).to_string().as_bytes());
                out.push(b':');
                write_canonical(value, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        plain => out.extend_from_slice(plain.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(body: &str) -> RequestFingerprint {
        of(None, None, ("POST", "/a"), body.as_bytes()).unwrap()
    }

    #[test]
    fn the_order_of_fields_and_white_space_do_not_matter() {
        assert_eq!(
            plain(r#"{"a":1,"b":{"d":[1,2],"c":null}}"#),
            plain(r#" {"b":{"c":null, "d":[1, 2]}, "a":1} "#)
        );
    }

    #[test]
    fn what_is_meant_does_matter() {
        let base = plain(r#"{"a":1,"b":[1,2]}"#);
        for other in [
            r#"{"a":1.0,"b":[1,2]}"#,
            r#"{"a":"1","b":[1,2]}"#,
            r#"{"a":1,"b":[2,1]}"#,
            r#"{"a":1}"#,
            "{}",
            "",
        ] {
            assert_ne!(plain(other), base, "{other}");
        }
        assert_ne!(of(None, None, ("POST", "/b"), br#"{"a":1,"b":[1,2]}"#).unwrap(), base);
        assert_ne!(of(None, None, ("PATCH", "/a"), br#"{"a":1,"b":[1,2]}"#).unwrap(), base);
    }

    #[test]
    fn what_two_customers_ask_is_not_one_request() {
        let of = |customer| of(None, customer, ("POST", "/a"), b"{}").unwrap();
        assert_eq!(of(Some("cust_1")), of(Some("cust_1")));
        assert_ne!(of(Some("cust_1")), of(Some("cust_2")));
        assert_ne!(of(Some("cust_1")), of(None));
    }

    #[test]
    fn a_key_makes_the_fingerprint_of_card_data_irreversible_without_it() {
        let with = |key: u8| of(Some(&vec![key; 32].into()), None, ("POST", "/a"), b"{}").unwrap();
        assert_ne!(with(1), with(2));
        assert_ne!(with(1), of(None, None, ("POST", "/a"), b"{}").unwrap());
    }
}
