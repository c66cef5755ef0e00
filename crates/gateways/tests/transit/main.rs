//! Key-encryption keys in HashiCorp Vault, over the wire of its Transit engine, against a double that keeps its rules.

mod double;

use std::time::Duration;

use double::{Double, TOKEN};
use secrecy::ExposeSecret;
use serde_json::json;
use tender_domain::ports::{KeyEncryption, KeyEncryptionError, WrappedKey};
use tender_gateways::{TransitKeys, TransitOptions, TransitToken};

fn options(double: &Double) -> TransitOptions {
    TransitOptions {
        address: format!("{}/", double.address),
        mount: "transit".to_owned(),
        key: "tender".to_owned(),
        namespace: Some("payments".to_owned()),
        token: TransitToken::Fixed(TOKEN.into()),
        call_timeout: Duration::from_secs(5),
    }
}

fn keys(double: &Double) -> TransitKeys {
    TransitKeys::new(reqwest::Client::new(), options(double)).expect("good options")
}

#[actix_web::test]
async fn a_data_key_is_made_unwrapped_and_wrapped_anew_by_the_next_version() {
    let double = Double::start();
    let keys = keys(&double);
    let (key, wrapped) = keys.generate(b"a").await.expect("made");
    assert_eq!(wrapped.by, "transit:transit/tender:v1");
    assert!(keys.knows(&wrapped.by) && !keys.knows("local:1") && !keys.knows("transit:transit/tender2:v1"));
    let opened = keys.unwrap(b"a", &wrapped).await.expect("unwrapped");
    assert_eq!(opened.expose_secret(), key.expose_secret());
    double.engine().versions = 2;
    assert_eq!(keys.current().await.expect("told"), "transit:transit/tender:v2");
    let again = keys.rewrap(b"a", &wrapped).await.expect("wrapped anew");
    assert_eq!(again.by, "transit:transit/tender:v2");
    double.engine().min_decryption_version = 2;
    let opened = keys.unwrap(b"a", &again).await.expect("unwrapped");
    assert_eq!(opened.expose_secret(), key.expose_secret());
    let too_old = keys.unwrap(b"a", &wrapped).await;
    assert!(matches!(too_old, Err(KeyEncryptionError::Refused(_))), "{too_old:?}");
    let moved = keys.wrap(b"a", &key).await.expect("wrapped");
    assert_eq!(keys.unwrap(b"a", &moved).await.expect("unwrapped").expose_secret(), key.expose_secret());
    let paths = ["datakey/plaintext", "decrypt", "rewrap", "encrypt"]
        .map(|verb| format!("POST /v1/transit/{verb}/tender"));
    let asked = double.engine().asked.clone();
    assert!(paths.iter().all(|path| asked.contains(path)), "{asked:?}");
}

#[actix_web::test]
async fn a_key_that_was_wrapped_for_one_context_does_not_unwrap_for_another_and_no_changed_one_does() {
    let double = Double::start();
    let keys = keys(&double);
    let (_, wrapped) = keys.generate(b"a").await.expect("made");
    let mut text = String::from_utf8(wrapped.bytes.clone()).expect("text");
    let last = text.pop().expect("not empty");
    text.push(if last == 'A' { 'B' } else { 'A' });
    let changed = WrappedKey { bytes: text.into_bytes(), ..wrapped.clone() };
    let binary = WrappedKey { bytes: vec![0xff; 60], ..wrapped.clone() };
    for (context, wrapped) in [(b"b", &wrapped), (b"a", &changed), (b"a", &binary)] {
        let refused = keys.unwrap(context, wrapped).await;
        assert!(matches!(refused, Err(KeyEncryptionError::Refused(_))), "{refused:?}");
    }
}

#[actix_web::test]
async fn a_key_that_binds_to_no_context_is_not_used() {
    let double = Double::start();
    double.engine().derived = false;
    let refused = keys(&double).current().await;
    assert!(
        matches!(&refused, Err(KeyEncryptionError::Refused(why)) if why.contains("derived=true")),
        "{refused:?}"
    );
}

#[actix_web::test]
async fn what_may_be_otherwise_in_a_moment_is_unavailable_and_a_missing_key_is_named() {
    let double = Double::start();
    let keys = keys(&double);
    let (_, wrapped) = keys.generate(b"a").await.expect("made");
    for (status, body) in [
        (403, json!({ "errors": ["permission denied"] })),
        (429, json!({ "errors": ["rate limit"] })),
        (500, json!({ "errors": ["internal error"] })),
        (503, json!({ "errors": ["Vault is sealed"] })),
        (307, json!({})),
        (200, json!({ "data": {} })),
        (200, json!({ "data": { "plaintext": "c2hvcnQ=" } })),
        (200, json!({ "data": { "plaintext": "%%%" } })),
    ] {
        double.engine().instead = Some((status, body));
        let result = keys.unwrap(b"a", &wrapped).await;
        assert!(matches!(result, Err(KeyEncryptionError::Unavailable(_))), "{status}: {result:?}");
    }
    double.engine().instead = Some((404, json!({ "errors": [] })));
    let missing = keys.unwrap(b"a", &wrapped).await.map(|_| ());
    assert_eq!(missing, Err(KeyEncryptionError::UnknownKey("transit:transit/tender".into())));
    let nobody = TransitOptions { address: "http://127.0.0.1:1".to_owned(), ..options(&double) };
    let nobody = TransitKeys::new(reqwest::Client::new(), nobody).expect("good options");
    assert!(matches!(nobody.current().await, Err(KeyEncryptionError::Unavailable(_))));
}

#[actix_web::test]
async fn a_token_in_a_file_is_read_at_each_call_and_nothing_secret_prints() {
    let (double, folder) = (Double::start(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("token");
    let keys = TransitOptions { token: TransitToken::File(file.clone()), ..options(&double) };
    let keys = TransitKeys::new(reqwest::Client::new(), keys).expect("good options");
    assert!(matches!(keys.current().await, Err(KeyEncryptionError::Unavailable(_))), "there is none yet");
    std::fs::write(&file, format!("{TOKEN}\n")).expect("written");
    let (key, wrapped) = keys.generate(b"a").await.expect("renewed");
    let shown = format!("{keys:?} {key:?} {wrapped:?}");
    assert!(!shown.contains(TOKEN) && !shown.contains("vault:v1"), "{shown}");
    for (mount, name) in [("transit", "a/b"), ("", "tender"), ("transit", "../sys"), ("tr?", "tender")] {
        let bad = TransitOptions { mount: mount.into(), key: name.into(), ..options(&double) };
        assert!(TransitKeys::new(reqwest::Client::new(), bad).is_err(), "{mount} {name}");
    }
}
