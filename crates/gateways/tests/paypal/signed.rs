//! Webhooks as PayPal signs them, under certificates that were made for these tests with OpenSSL: an authority, one between,
//! and theirs, all under one key.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use data_encoding::BASE64;

pub(crate) const WEBHOOK_ID: &str = "1JE4291016473214C";

/// The authority.
pub(crate) const ROOT: &str = include_str!("certificates/root.pem");
/// The certificate of PayPal's name, and the one between it and its authority.
pub(crate) const GOOD: &str = include_str!("certificates/good.pem");

/// Its key.
pub(crate) const KEY: &str = include_str!("certificates/test-only.key.pem");

/// The headers of a webhook of this time, whose certificate is there.
pub(crate) fn headers(body: &str, time: &str, certificate: &str) -> Vec<(String, String)> {
    let message = format!("69cd13f0-d67a|{time}|{WEBHOOK_ID}|{}", crc32fast::hash(body.as_bytes()));
    [
        ("PAYPAL-TRANSMISSION-ID", "69cd13f0-d67a"),
        ("PAYPAL-TRANSMISSION-TIME", time),
        ("PAYPAL-TRANSMISSION-SIG", &signature(message.as_bytes())),
        ("PAYPAL-CERT-URL", certificate),
        ("PAYPAL-AUTH-ALGO", "SHA256withRSA"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn signature(message: &[u8]) -> String {
    let base64: String = KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = RsaKeyPair::from_pkcs8(&BASE64.decode(base64.as_bytes()).expect("base64")).expect("a key");
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("it signs");
    BASE64.encode(&signature)
}
