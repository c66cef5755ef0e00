//! Keys in another service: operations behind a real port, the other service with its own copy of the keys, and a bus
//! that a test turns on and off.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde_json::{Value, json};
use tender_domain::ports::{ApiKeyMemory, Consumer};
use tender_events::ApiKeyFollower;
use tender_gateways::OperationsClient;
use tender_http::{
    ApiKeyText, Application, AuthState, Authorized, Environment, KeyTrust, ProjectedKeyDirectory,
    RunningServer, Server, ServerSettings, scopes,
};
use tender_memory::MemoryApiKeyProjection;

use crate::rig::{PEPPER, Rig, bearer, delete, intents_signer, tokens};

#[utoipa::path(path = "/v1/payments/intents", responses((status = 200, description = "Seen.")))]
#[get("/v1/payments/intents")]
async fn intents(_caller: Authorized<scopes::IntentsRead>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// Operations on a port, and a service that follows it.
struct World {
    operations: Rig,
    server: Option<RunningServer>,
    auth: Data<AuthState>,
    elsewhere: Application,
    follower: ApiKeyFollower,
}

impl World {
    fn start() -> Self {
        let operations = Rig::new();
        let settings = ServerSettings {
            host: "127.0.0.1".to_owned(),
            port: 0,
            metrics_host: "127.0.0.1".to_owned(),
            metrics_port: None,
            workers: 1,
            drain_timeout: Duration::from_secs(1),
            tls: None,
        };
        let server = Server::bind(settings).expect("a free port");
        let url = format!("http://{}", server.address().expect("bound"));
        let server = server.start(operations.application.clone()).expect("a server");

        let signer = Arc::new(intents_signer(operations.clock.clone()));
        let deadline = Duration::from_secs(2);
        let authority = Arc::new(OperationsClient::new(reqwest::Client::new(), &url, signer, deadline));
        let projection = Arc::new(MemoryApiKeyProjection::default());
        let clock = operations.clock.clone();
        let keys =
            ProjectedKeyDirectory::new(projection.clone(), authority, clock.clone(), KeyTrust::default());
        let pepper = PEPPER.to_vec().into();
        let auth = Arc::new(AuthState::new(Arc::new(keys), tokens(), pepper, Environment::Sandbox, clock));
        let follower = ApiKeyFollower::new(projection, auth.clone());
        let auth = Data::from(auth);
        let data = auth.clone();
        let elsewhere = Application::new("Elsewhere", move |config| {
            config.app_data(data.clone()).service(intents);
        });
        Self { operations, server: Some(server), auth, elsewhere, follower }
    }

    async fn key(&self) -> Value {
        self.operations.issued(json!({ "name": "shop", "scopes": ["intents:read"] })).await
    }

    /// What the other service says to the key.
    async fn call(&self, secret: &Value) -> u16 {
        let app = init_service(self.elsewhere.app()).await;
        let request = bearer(TestRequest::get().uri("/v1/payments/intents"), secret);
        call_service(&app, request.to_request()).await.status().as_u16()
    }

    /// The bus catches up.
    async fn deliver(&self) {
        for message in self.operations.told("api-key.changed") {
            self.follower.handle(&message).await.expect("a good message");
        }
    }

    /// So much later; the few seconds for which the other service remembers a key have passed too.
    async fn later(&self, seconds: u64, key: &Value) {
        self.operations.clock.advance(Duration::from_secs(seconds));
        let text = key["secret"].as_str().and_then(ApiKeyText::parse).expect("a key with its secret");
        let lookup = text.hash(PEPPER);
        self.auth.forget(&lookup).await;
    }

    async fn stop_operations(&mut self) {
        let server = self.server.take().expect("it runs");
        server.stop().await.expect("it stops");
    }
}

#[actix_web::test]
async fn a_new_key_works_on_its_next_call_elsewhere_while_the_bus_is_down() {
    let world = World::start();
    let key = world.key().await;
    assert_eq!(world.call(&key["secret"]).await, 200);
    let made_up = ApiKeyText::generate([1; 32], false, false);
    assert_eq!(world.call(&made_up.expose().into()).await, 401);
}

#[actix_web::test]
async fn a_key_that_the_bus_told_of_works_while_operations_is_down() {
    let mut world = World::start();
    let key = world.key().await;
    world.deliver().await;
    world.stop_operations().await;
    assert_eq!(world.call(&key["secret"]).await, 200);
    world.later(14 * 60, &key).await;
    assert_eq!(world.call(&key["secret"]).await, 200);
    world.later(60, &key).await;
    assert_eq!(world.call(&key["secret"]).await, 503, "after a quarter of an hour nothing is known any more");
}

#[actix_web::test]
async fn a_key_that_nobody_told_of_is_a_503_while_operations_is_down() {
    let mut world = World::start();
    let key = world.key().await;
    world.stop_operations().await;
    assert_eq!(world.call(&key["secret"]).await, 503);
}

#[actix_web::test]
async fn a_revoked_key_stops_elsewhere_with_its_event() {
    let world = World::start();
    let key = world.key().await;
    assert_eq!(world.call(&key["secret"]).await, 200);
    world.operations.admin(delete(&key["id"])).await;
    world.deliver().await;
    assert_eq!(world.call(&key["secret"]).await, 401);
}

#[actix_web::test]
async fn a_revoked_key_stops_elsewhere_within_a_minute_while_the_bus_is_down() {
    let world = World::start();
    let key = world.key().await;
    assert_eq!(world.call(&key["secret"]).await, 200);
    world.operations.admin(delete(&key["id"])).await;
    world.later(60, &key).await;
    assert_eq!(world.call(&key["secret"]).await, 401);
}

#[actix_web::test]
async fn events_that_come_late_or_twice_do_not_bring_a_revoked_key_back() {
    let world = World::start();
    let key = world.key().await;
    world.operations.admin(delete(&key["id"])).await;
    let mut messages = world.operations.told("api-key.changed");
    messages.reverse();
    for message in messages.iter().chain(&messages) {
        world.follower.handle(message).await.unwrap();
    }
    assert_eq!(world.call(&key["secret"]).await, 401);
}
