//! What the documents say of scopes is what the routes ask for: each route is called.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;
use tender_domain::kernel::{ScopeSet, Timestamp};
use tender_domain::ports::Clock;
use tender_http::{
    ApiKeyText, Application, AuthState, DeclaredRoute, Environment, TokenSettings, TokenVerifier,
};

use crate::every_key::EveryKey;
use crate::routes::{Declare, SERVICES, document, open_because};

struct Midnight;

impl Clock for Midnight {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// The same routes for callers without any right. The services behind them are missing: nobody gets that far.
fn guarded(declare: Declare) -> Application {
    let tokens = TokenVerifier::new(TokenSettings::default());
    let pepper = b"a pepper for tests".to_vec().into();
    let auth = AuthState::new(
        Arc::new(EveryKey(ScopeSet::EMPTY)),
        tokens,
        pepper,
        Environment::Sandbox,
        Arc::new(Midnight),
    );
    let auth = Data::new(auth);
    Application::new("guarded", move |config| {
        config.app_data(auth.clone());
        declare(config);
    })
}

/// The path of a service with something in place of each parameter.
fn concrete(service: &str, path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        // Each takes jobs of its own alone; intents also what is no job's id at all.
        "{job_id}" if service == "refunds" => "job_01h2xcejqtf2nbrexx3vrefnds",
        "{job_id}" if service == "vault" => "job_01h2xcejqtf2nbrexx3v0vavt0",
        _ if segment.starts_with('{') => "1",
        _ => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[actix_web::test]
async fn every_route_asks_for_the_scope_that_its_document_names() {
    let key = ApiKeyText::generate([7; 32], false, false);
    for (service, declare) in SERVICES {
        let app = init_service(guarded(declare).app()).await;
        let routes = DeclaredRoute::all(&document(declare));
        assert!(!routes.is_empty(), "{service} declares routes");
        for route in routes.iter().filter(|route| open_because(route).is_none()) {
            let name = format!("{} {}", route.method, route.path);
            let request = || {
                let method: Method = route.method.parse().expect("a method's name");
                TestRequest::default().method(method).uri(&concrete(service, &route.path))
            };
            let stranger = call_service(&app, request().to_request()).await;
            assert_eq!(stranger.status().as_u16(), 401, "{name} without a credential");

            let header = (AUTHORIZATION, format!("Bearer {}", key.expose()));
            let refused = call_service(&app, request().insert_header(header).to_request()).await;
            assert_eq!(refused.status().as_u16(), 403, "{name} without any scope");
            let wanted = refused.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
            let wanted = wanted.and_then(|value| value.split("scope=\"").nth(1)?.split('"').next());
            assert_eq!(wanted, route.scopes.first().map(String::as_str), "{name}: the scope asked for");
        }
    }
}
