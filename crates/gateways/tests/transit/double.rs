//! A double of Vault's Transit engine: checks method, path, headers and fields of every request, really encrypts (by a
//! stream made of key version, context and nonce, with a tag), and keeps versions. What breaks a rule is answered as Vault
//! does.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

pub(crate) const TOKEN: &str = "hvs.token-of-the-double";

pub(crate) struct Engine {
    pub(crate) versions: u32,
    pub(crate) derived: bool,
    pub(crate) min_decryption_version: u32,
    /// What the next request is answered with instead.
    pub(crate) instead: Option<(u16, Value)>,
    pub(crate) asked: Vec<String>,
    made: u64,
}

pub(crate) struct Double {
    pub(crate) address: String,
    engine: Arc<Mutex<Engine>>,
    handle: ServerHandle,
}

impl Double {
    pub(crate) fn start() -> Self {
        let engine = Engine {
            versions: 1,
            derived: true,
            min_decryption_version: 1,
            instead: None,
            asked: Vec::new(),
            made: 0,
        };
        let engine = Arc::new(Mutex::new(engine));
        let data = Data::new(Arc::clone(&engine));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let app = move || App::new().app_data(data.clone()).default_service(web::to(serve));
        let server = HttpServer::new(app).workers(1).listen(listener).expect("it listens").run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { address, engine, handle }
    }

    pub(crate) fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().expect("no test panicked with it")
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

type Answer = Result<Value, (u16, Value)>;

fn error(status: u16, text: &str) -> (u16, Value) {
    (status, json!({ "errors": [text] }))
}

async fn serve(request: HttpRequest, body: Bytes, engine: Data<Arc<Mutex<Engine>>>) -> HttpResponse {
    let mut engine = engine.lock().expect("no test panicked with it");
    engine.asked.push(format!("{} {}", request.method(), request.path()));
    let answer = match engine.instead.take() {
        Some(instead) => Err(instead),
        None => engine.answer(&request, &body),
    };
    let (status, body) = match answer {
        Ok(data) => (200, json!({ "request_id": "r", "lease_id": "", "renewable": false, "data": data })),
        Err(refused) => refused,
    };
    HttpResponse::build(status.try_into().expect("a status")).json(body)
}

impl Engine {
    fn answer(&mut self, request: &HttpRequest, body: &[u8]) -> Answer {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        if header("x-vault-token") != Some(TOKEN) || header("x-vault-namespace") != Some("payments") {
            return Err(error(403, "permission denied"));
        }
        if header("x-vault-request") != Some("true") {
            return Err(error(412, "required header `X-Vault-Request` is missing"));
        }
        let verb = request.path().strip_prefix("/v1/transit/").and_then(|path| path.strip_suffix("/tender"));
        let verb = verb.ok_or_else(|| (404, json!({ "errors": [] })))?;
        match (request.method().as_str(), verb) {
            ("GET", "keys") => Ok(json!({
                "name": "tender", "type": "aes256-gcm96", "derived": self.derived, "kdf": "hkdf_sha256",
                "latest_version": self.versions, "min_decryption_version": self.min_decryption_version,
            })),
            ("POST", verb) => {
                let body: Map<String, Value> =
                    serde_json::from_slice(body).map_err(|_| error(400, "error parsing JSON"))?;
                self.post(verb, &body)
            }
            _ => Err(error(405, "unsupported operation")),
        }
    }

    fn post(&mut self, verb: &str, body: &Map<String, Value>) -> Answer {
        let allowed: &[&str] = match verb {
            "datakey/plaintext" => &["bits", "context"],
            "encrypt" => &["plaintext", "context"],
            "decrypt" | "rewrap" => &["ciphertext", "context"],
            _ => return Err(error(404, "unsupported path")),
        };
        assert!(body.keys().all(|key| allowed.contains(&key.as_str())), "{verb}: {body:?}");
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let context = BASE64
            .decode(text("context").as_bytes())
            .map_err(|_| error(400, "failed to base64-decode context"))?;
        if context.is_empty() {
            return Err(error(
                400,
                "missing 'context' for key derivation; the key was created using a derived key",
            ));
        }
        match verb {
            "datakey/plaintext" => {
                assert_eq!(body["bits"], 256);
                self.made += 1;
                let key = tag(b"random", &self.made.to_be_bytes(), b"");
                let ciphertext = self.encrypt(&context, &key);
                Ok(json!({ "plaintext": BASE64.encode(&key), "ciphertext": ciphertext }))
            }
            "encrypt" => {
                let plain = BASE64.decode(text("plaintext").as_bytes());
                let plain = plain.map_err(|_| error(400, "failed to base64-decode plaintext"))?;
                Ok(json!({ "ciphertext": self.encrypt(&context, &plain), "key_version": self.versions }))
            }
            "decrypt" => {
                let plain = self.decrypt(&context, text("ciphertext"))?;
                Ok(json!({ "plaintext": BASE64.encode(&plain) }))
            }
            _ => {
                let plain = self.decrypt(&context, text("ciphertext"))?;
                Ok(json!({ "ciphertext": self.encrypt(&context, &plain), "key_version": self.versions }))
            }
        }
    }

    fn encrypt(&mut self, context: &[u8], plain: &[u8]) -> String {
        self.made += 1;
        let nonce = self.made.to_be_bytes();
        let key = derived(self.versions, context);
        let stream = tag(&key, &nonce, b"stream");
        let sealed: Vec<u8> = plain.iter().zip(stream).map(|(byte, mask)| byte ^ mask).collect();
        let proof = tag(&key, &nonce, &sealed);
        format!("vault:v{}:{}", self.versions, BASE64.encode(&[&nonce[..], &sealed, &proof].concat()))
    }

    fn decrypt(&self, context: &[u8], ciphertext: &str) -> Result<Vec<u8>, (u16, Value)> {
        let refused = || error(400, "invalid ciphertext: no prefix");
        let (version, text) =
            ciphertext.strip_prefix("vault:v").and_then(|rest| rest.split_once(':')).ok_or_else(refused)?;
        let version: u32 = version.parse().map_err(|_| refused())?;
        if version < self.min_decryption_version || version > self.versions {
            return Err(error(400, "ciphertext or signature version is disallowed by policy (too old)"));
        }
        let bytes = BASE64
            .decode(text.as_bytes())
            .map_err(|_| error(400, "invalid ciphertext: could not decode base64"))?;
        let (nonce, rest) = bytes.split_at_checked(8).ok_or_else(refused)?;
        let (sealed, proof) = rest.split_at_checked(rest.len().saturating_sub(32)).ok_or_else(refused)?;
        let key = derived(version, context);
        if tag(&key, nonce, sealed) != proof {
            return Err(error(400, "cipher: message authentication failed"));
        }
        Ok(sealed.iter().zip(tag(&key, nonce, b"stream")).map(|(byte, mask)| byte ^ mask).collect())
    }
}

fn derived(version: u32, context: &[u8]) -> Vec<u8> {
    tag(b"the double's key", &version.to_be_bytes(), context)
}

fn tag(key: &[u8], one: &[u8], two: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(one);
    mac.update(two);
    mac.finalize().into_bytes().to_vec()
}
