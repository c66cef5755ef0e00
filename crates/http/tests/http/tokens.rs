//! Which tokens count.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tender_http::{
    AuthState, Environment, ServiceKey, ServiceTokenSigner, ServiceTokenVerifier, StaticJwks, TokenSettings,
    TokenVerifier, VerificationKeys,
};

use crate::support::{
    AUDIENCE, Answer, ISSUER, NOW, PEPPER, SECRET, TestDirectory, Toys, clock, tenant, token_settings,
};

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "tenant": "acme", "exp": NOW + 600, "nbf": NOW - 600,
        "roles": ["reconciler", "a_role_of_the_tenant"], "scopes": "intents:write nonsense service:internal"
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = claims();
    change(&mut claims);
    claims
}

pub(crate) fn hs256(claims: &Value) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET.as_bytes()))
        .expect("it signs")
}

async fn whoami(toys: &Toys, token: &str) -> Answer {
    let request = TestRequest::get().uri("/v1/payments/whoami");
    toys.call(request.insert_header(("authorization", format!("Bearer {token}")))).await
}

#[actix_web::test]
async fn a_token_has_the_scopes_of_its_claim_and_of_its_built_in_roles_but_never_a_services() {
    let said = whoami(&Toys::new(), &hs256(&claims())).await.json();
    let scopes = "intents:read intents:write refunds:read disputes:read ledger:read settlements:read settlements:write";
    assert_eq!((said["scopes"].as_str(), said["subject"].as_str()), (Some(scopes), Some("ada")));
    let as_array = with(|claims| {
        claims["scopes"] = json!(["keys:read"]);
        claims["roles"] = json!([]);
        claims["act"] = json!({"sub": "grace"});
    });
    let said = whoami(&Toys::new(), &hs256(&as_array)).await.json();
    assert_eq!((said["scopes"].as_str(), said["actor"].as_str()), (Some("keys:read"), Some("grace")));
}

#[actix_web::test]
async fn what_makes_a_token_not_count() {
    let toys = Toys::new();
    for (name, claims) in [
        ("expired", with(|c| c["exp"] = json!(NOW - 31))),
        ("not yet", with(|c| c["nbf"] = json!(NOW + 31))),
        ("wrong audience", with(|c| c["aud"] = json!("other"))),
        ("wrong issuer", with(|c| c["iss"] = json!("other"))),
        ("no expiry", with(|c| drop(c.as_object_mut().and_then(|c| c.remove("exp"))))),
        ("no audience", with(|c| drop(c.as_object_mut().and_then(|c| c.remove("aud"))))),
        ("no issuer", with(|c| drop(c.as_object_mut().and_then(|c| c.remove("iss"))))),
        ("no subject", with(|c| drop(c.as_object_mut().and_then(|c| c.remove("sub"))))),
        ("no tenant", with(|c| drop(c.as_object_mut().and_then(|c| c.remove("tenant"))))),
        ("bad tenant", with(|c| c["tenant"] = json!("A B"))),
        ("expiry of another type", with(|c| c["exp"] = json!("never"))),
        ("expiry beyond all numbers", with(|c| c["exp"] = json!(1e300))),
    ] {
        let answer = whoami(&toys, &hs256(&claims)).await;
        assert_eq!(answer.status, 401, "{name}");
    }
    let by_other = EncodingKey::from_secret(b"another secret");
    let forged = encode(&Header::new(Algorithm::HS256), &claims(), &by_other).expect("it signs");
    whoami(&toys, &forged).await.is_problem(401, "unauthorized");
    assert_eq!(whoami(&toys, &hs256(&claims())).await.status, 200);
}

#[actix_web::test]
async fn the_operator_says_how_far_an_issuers_clock_may_be_off() {
    let ago = hs256(&with(|claims| claims["exp"] = json!(NOW - 29)));
    assert_eq!(whoami(&Toys::new(), &ago).await.status, 200, "30 s unless said");
    for (leeway, status) in [(0, 401), (29, 401), (31, 200)] {
        let toys = Toys::with(token_settings(), Environment::Sandbox, |_| {
            let verifier = TokenVerifier::new(token_settings()).leeway(Duration::from_secs(leeway));
            let keys = Arc::new(TestDirectory::default());
            AuthState::new(keys, verifier, PEPPER.to_vec().into(), Environment::Sandbox, clock())
        });
        assert_eq!(whoami(&toys, &ago).await.status, status, "{leeway} s");
    }
}

#[actix_web::test]
async fn a_token_without_a_signature_is_refused() {
    let toys = Toys::new();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for algorithm in ["none", "None", "NONE", "HS384", "HS512"] {
        let token = format!("{}.{}.", part(json!({"alg": algorithm, "typ": "JWT"})), part(claims()));
        whoami(&toys, &token).await.is_problem(401, "unauthorized");
    }
    let signed = hs256(&claims());
    let (head, _) = signed.rsplit_once('.').expect("three parts");
    whoami(&toys, &format!("{head}.")).await.is_problem(401, "unauthorized");
}

fn pem(kind: &str, der: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
}

fn jwks(keys: &[(&str, Algorithm, &EncodingKey)]) -> String {
    let keys = keys.iter().map(|(id, algorithm, key)| {
        let mut jwk = Jwk::from_encoding_key(key, *algorithm).expect("a public key");
        jwk.common.key_id = Some((*id).to_owned());
        jwk
    });
    serde_json::to_string(&JwkSet { keys: keys.collect() }).expect("JSON")
}

fn toys_by_jwks(jwks: &str, hs256_secret: Option<&str>) -> Toys {
    let keys = VerificationKeys::from_jwks(jwks).expect("a JWKS");
    let settings = TokenSettings {
        jwks: Some(Arc::new(StaticJwks::new(keys))),
        hs256_secret: hs256_secret.map(Into::into),
        ..token_settings()
    };
    Toys::with(settings, Environment::Sandbox, |state| state)
}

fn signed(algorithm: Algorithm, id: Option<&str>, key: &EncodingKey) -> String {
    let mut header = Header::new(algorithm);
    header.kid = id.map(str::to_owned);
    encode(&header, &claims(), key).expect("it signs")
}

#[actix_web::test]
async fn tokens_by_every_kind_of_public_key_count_and_no_confusion_of_kinds_does() {
    let rsa = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let rsa_der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&rsa).expect("its DER");
    let rsa_key = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", rsa_der.as_ref()).as_bytes()).expect("a key");
    let rsa_public: PublicKeyX509Der<'_> = rsa.public_key().as_der().expect("its DER");
    let rsa_public_pem = pem("PUBLIC KEY", rsa_public.as_ref());
    let rng = aws_lc_rs::rand::SystemRandom::new();
    let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).expect("a key");
    let ec_key = EncodingKey::from_ec_der(ec.as_ref());
    let ed = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8v1(&rng).expect("a key");
    let ed_key = EncodingKey::from_ed_der(ed.as_ref());
    let set = jwks(&[
        ("r", Algorithm::RS256, &rsa_key),
        ("e", Algorithm::ES256, &ec_key),
        ("d", Algorithm::EdDSA, &ed_key),
    ]);

    let toys = toys_by_jwks(&set, None);
    for (algorithm, id, key) in [
        (Algorithm::RS256, "r", &rsa_key),
        (Algorithm::ES256, "e", &ec_key),
        (Algorithm::EdDSA, "d", &ed_key),
    ] {
        assert_eq!(whoami(&toys, &signed(algorithm, Some(id), key)).await.status, 200, "{algorithm:?}");
        assert_eq!(whoami(&toys, &signed(algorithm, None, key)).await.status, 200, "{algorithm:?} of no id");
        whoami(&toys, &signed(algorithm, Some("x"), key)).await.is_problem(401, "unauthorized");
    }
    // The id of one key with the algorithm of another.
    whoami(&toys, &signed(Algorithm::ES256, Some("r"), &ec_key)).await.is_problem(401, "unauthorized");
    whoami(&toys, &signed(Algorithm::RS512, Some("r"), &rsa_key)).await.is_problem(401, "unauthorized");

    // HS256 with the public key, which everybody has, as the secret.
    let secrets = [rsa_public_pem.as_bytes(), rsa_public.as_ref(), set.as_bytes()];
    for toys in [toys_by_jwks(&set, None), toys_by_jwks(&set, Some(SECRET))] {
        for secret in secrets {
            for id in [None, Some("r")] {
                let forged = signed(Algorithm::HS256, id, &EncodingKey::from_secret(secret));
                whoami(&toys, &forged).await.is_problem(401, "unauthorized");
            }
        }
    }
    // With no secret set, none is the secret.
    whoami(&toys, &signed(Algorithm::HS256, None, &EncodingKey::from_secret(b"")))
        .await
        .is_problem(401, "unauthorized");
}

#[test]
fn a_jwks_with_secret_keys_gives_none_of_them() {
    let set = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"s"},{"kty":"OKP","crv":"Ed25519","kid":"enc","use":"enc",
                  "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let keys = VerificationKeys::from_jwks(set).expect("a JWKS");
    assert!(!keys.has("s") && !keys.has("enc"));
    assert!(VerificationKeys::from_jwks("{}").is_err());
    assert!(VerificationKeys::from_jwks("nonsense").is_err());
}

fn service_toys(trusted: &str) -> Toys {
    let verifier = ServiceTokenVerifier::new("vault", trusted).expect("a JWKS");
    Toys::with(token_settings(), Environment::Sandbox, |state| state.with_services(verifier))
}

async fn internal(toys: &Toys, token: &str) -> Answer {
    let request = TestRequest::post().uri("/internal/toys");
    toys.call(request.insert_header(("authorization", format!("Bearer {token}")))).await
}

#[actix_web::test]
async fn a_service_is_known_by_its_key_for_one_audience_and_one_tenant_for_a_minute() {
    use secrecy::ExposeSecret;
    use std::sync::atomic::Ordering;
    let (intents, refunds) = (ServiceKey::from_seed([1; 32]), ServiceKey::from_seed([2; 32]));
    let set = ServiceKey::jwks(&[("intents", &intents)]).expect("a JWKS");
    let toys = service_toys(&set);
    let sign = |name: &str, key: &ServiceKey, audience: &str| {
        let signer = ServiceTokenSigner::new(name, key, clock());
        signer.sign(audience, &tenant("acme")).expect("it signs").expose_secret().to_owned()
    };
    let good = sign("intents", &intents, "vault");
    let said = internal(&toys, &good).await;
    assert_eq!((said.status.as_u16(), &said.json()["credential"]), (200, &json!("Service(\"intents\")")));
    assert_eq!(
        (&said.json()["tenant"], &said.json()["scopes"]),
        (&json!("acme"), &json!("service:internal"))
    );

    internal(&toys, &sign("intents", &intents, "settlement")).await.is_problem(401, "unauthorized");
    internal(&toys, &sign("refunds", &refunds, "vault")).await.is_problem(401, "unauthorized");
    internal(&toys, &sign("intents", &refunds, "vault")).await.is_problem(401, "unauthorized");
    internal(&toys, &hs256(&claims())).await.is_problem(403, "insufficient_scope");
    toys.clock.0.fetch_add(66, Ordering::Relaxed);
    internal(&toys, &good).await.is_problem(401, "unauthorized");
    // A service that trusts no other takes none.
    internal(&Toys::new(), &good).await.is_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_long_lived_or_untyped_token_of_a_service_is_refused() {
    let seed = [1; 32];
    let prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let key = EncodingKey::from_ed_der(&[&prefix[..], &seed].concat());
    let set = ServiceKey::jwks(&[("intents", &ServiceKey::from_seed(seed))]).expect("a JWKS");
    let toys = service_toys(&set);
    let token = |kind: &str, life: i64, issuer: &str| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some("intents".to_owned());
        let claims = json!({"iss": issuer, "sub": "intents", "aud": "vault", "iat": NOW, "exp": NOW + life,
                            "tenant": "acme"});
        encode(&header, &claims, &key).expect("it signs")
    };
    assert_eq!(internal(&toys, &token("tender-service+jwt", 60, "intents")).await.status, 200);
    for (kind, life, issuer) in
        [("tender-service+jwt", 61, "intents"), ("JWT", 60, "intents"), ("tender-service+jwt", 60, "refunds")]
    {
        internal(&toys, &token(kind, life, issuer)).await.is_problem(401, "unauthorized");
    }
    // The same key among the issuers' does not make a person of a service.
    let settings = TokenSettings {
        audience: "vault".to_owned(),
        issuer: "intents".to_owned(),
        jwks: Some(Arc::new(StaticJwks::new(VerificationKeys::from_jwks(&set).expect("a JWKS")))),
        ..token_settings()
    };
    let toys = Toys::with(settings, Environment::Sandbox, |state| state);
    whoami(&toys, &token("tender-service+jwt", 60, "intents")).await.is_problem(401, "unauthorized");
    assert_eq!(whoami(&toys, &token("JWT", 60, "intents")).await.status, 200);
}

#[test]
fn a_services_key_survives_its_text() {
    use secrecy::ExposeSecret;
    let key = ServiceKey::from_seed([9; 32]);
    let read = ServiceKey::parse(key.text().expose_secret()).expect("its own text");
    assert_eq!(ServiceKey::jwks(&[("a", &key)]), ServiceKey::jwks(&[("a", &read)]));
    assert!(ServiceKey::parse("short").is_err());

    // What `openssl genpkey -algorithm ED25519` writes: a version, the algorithm, the key in two wrappings.
    let der = [&b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..], &[9; 32]].concat();
    let pem = |label: &str, der: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der)).into()
    };
    let read = ServiceKey::from_pkcs8_pem(&pem("PRIVATE KEY", &der)).expect("as openssl writes it");
    assert_eq!(ServiceKey::jwks(&[("a", &key)]), ServiceKey::jwks(&[("a", &read)]));
    for bad in [pem("PRIVATE KEY", &der[..40]), pem("PUBLIC KEY", &der), "no PEM".into()] {
        assert!(ServiceKey::from_pkcs8_pem(&bad).is_err());
    }
}
