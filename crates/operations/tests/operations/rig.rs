//! Operations over a store in memory, called in process.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{Bytes, Data};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tender_domain::kernel::Message;
use tender_domain::operations::HealthSource;
use tender_domain::ports::Clock;
use tender_http::{
    Application, AuthState, Environment, ServiceKey, ServiceTokenSigner, ServiceTokenVerifier, TokenSettings,
    TokenVerifier,
};
use tender_memory::MemoryOperationsStore;
use tender_operations::{OperationsDeps, OperationsService, mount};
use tender_testkit::{ManualClock, RandomIds};

const JWT_SECRET: &str = "a shared secret for tests";
pub(crate) const PEPPER: &[u8] = b"a pepper for tests, of 32 bytes..";
pub(crate) const KEYS: &str = "/v1/payments/keys";
pub(crate) const SETTINGS: &str = "/v1/payments/settings";

pub(crate) struct Rig {
    pub(crate) service: Arc<OperationsService>,
    pub(crate) store: Arc<MemoryOperationsStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) application: Application,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with_health(Vec::new())
    }

    pub(crate) fn with_health(health: Vec<Arc<dyn HealthSource>>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryOperationsStore::default());
        let service = Arc::new(OperationsService::new(OperationsDeps {
            store: store.clone(),
            clock: clock.clone(),
            ids: Arc::new(RandomIds),
            pepper: PEPPER.to_vec().into(),
            health,
        }));
        let jwks = ServiceKey::jwks(&[("intents", &service_key())]).expect("a public key");
        let services = ServiceTokenVerifier::new("operations", &jwks).expect("a good key set");
        let pepper = PEPPER.to_vec().into();
        let auth = AuthState::new(service.clone(), tokens(), pepper, Environment::Sandbox, clock.clone());
        let auth = Arc::new(auth.with_services(services));
        service.have_forget(auth.clone());
        let auth = Data::from(auth);
        let routes = mount(Arc::clone(&service));
        let application = Application::new("Operations", move |config| {
            config.app_data(auth.clone());
            routes(config);
        });
        Self { service, store, clock, application }
    }

    pub(crate) async fn call(&self, request: TestRequest) -> Answer {
        let app = init_service(self.application.app()).await;
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: read_body(response).await }
    }

    /// Calls as the administrator of tenant `acme`.
    pub(crate) async fn admin(&self, request: TestRequest) -> Answer {
        self.call(self.signed(request, "acme", &json!({ "roles": ["admin"] }))).await
    }

    /// The request of somebody of the tenant with these `roles` or `scopes`.
    pub(crate) fn signed(&self, request: TestRequest, tenant: &str, rights: &Value) -> TestRequest {
        let mut claims = json!({
            "iss": "tender-dev", "aud": "tender", "exp": self.clock.now().timestamp() + 600,
            "tenant": tenant, "sub": "somebody",
        });
        for (name, value) in rights.as_object().expect("rights by name") {
            claims[name] = value.clone();
        }
        let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
        let token = encode(&Header::default(), &claims, &key).expect("claims are signed");
        request.insert_header(("authorization", format!("Bearer {token}")))
    }

    /// Issues a key of tenant `acme` and gives it as the client sees it.
    pub(crate) async fn issued(&self, body: Value) -> Value {
        let answer = self.admin(post(KEYS, &body)).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    }

    /// What was told of this topic, oldest first.
    pub(crate) fn told(&self, topic: &str) -> Vec<Message> {
        self.store.messages().into_iter().filter(|message| message.topic.name() == topic).collect()
    }
}

pub(crate) fn tokens() -> TokenVerifier {
    TokenVerifier::new(TokenSettings {
        issuer: "tender-dev".to_owned(),
        audience: "tender".to_owned(),
        hs256_secret: Some(JWT_SECRET.into()),
        jwks: None,
    })
}

fn service_key() -> ServiceKey {
    ServiceKey::from_seed([7; 32])
}

/// Signs as the service `intents`.
pub(crate) fn intents_signer(clock: Arc<dyn Clock>) -> ServiceTokenSigner {
    ServiceTokenSigner::new("intents", &service_key(), clock)
}

pub(crate) fn post(path: &str, body: &Value) -> TestRequest {
    TestRequest::post().uri(path).set_json(body)
}

pub(crate) fn patch(body: &Value) -> TestRequest {
    TestRequest::patch().uri(SETTINGS).set_json(body)
}

pub(crate) fn delete(id: &Value) -> TestRequest {
    TestRequest::delete().uri(&format!("{KEYS}/{}", id.as_str().expect("an id")))
}

pub(crate) fn bearer(request: TestRequest, secret: &Value) -> TestRequest {
    request.insert_header(("authorization", format!("Bearer {}", secret.as_str().expect("a secret"))))
}

/// The requirements' own example.
pub(crate) fn example() -> Value {
    json!({ "name": "storefront-read", "scopes": ["intents:read", "methods:attach"], "expires_in": "30d" })
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Value {
        let json = self.json();
        assert_eq!((self.status.as_u16(), &json["code"]), (status, &Value::from(code)), "{json}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        json
    }
}
