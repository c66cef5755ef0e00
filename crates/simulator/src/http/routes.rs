//! Which path leads where.

use actix_web::web::{self, ServiceConfig};
use secrecy::SecretString;

use super::problem::Problem;
use super::{books, calls, challenge_page, embedded_challenge, health, tools};
use crate::SimulatorGateway;

/// The largest request body.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// The same of evidence, which has files in base64.
const EVIDENCE_BYTES_MAX: usize = 1024 * 1024;

/// What the routes of a simulator server stand on.
#[derive(Clone)]
pub struct SimulatorServer {
    /// The engine.
    pub gateway: SimulatorGateway,
    /// What callers present as `Authorization: Bearer`; shared with them by configuration.
    pub bearer: SecretString,
}

/// All routes of a simulator that is a process of its own: `POST /simulator/{call}`, its tools (`scripts`, `events`,
/// `tokens`, `cards`), `GET /simulator/books`, the challenge pages, `/livez` and `/readyz`.
///
/// All but the challenge pages and health ask for the bearer secret.
pub fn routes(server: SimulatorServer) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    move |config| {
        let calls = web::scope("/simulator")
            .app_data(json_config(BODY_BYTES_MAX))
            .app_data(
                web::QueryConfig::default().error_handler(|error, _| Problem::bad_request(&error).into()),
            )
            .service(web::resource("/authorize").route(web::post().to(calls::authorize)))
            .service(web::resource("/capture").route(web::post().to(calls::capture)))
            .service(web::resource("/void").route(web::post().to(calls::void)))
            .service(web::resource("/refund").route(web::post().to(calls::refund)))
            .service(web::resource("/challenge").route(web::post().to(calls::complete_challenge)))
            .service(web::resource("/lookup").route(web::post().to(calls::lookup)))
            .service(web::resource("/tokenise").route(web::post().to(calls::tokenise)))
            .service(web::resource("/inspect").route(web::post().to(calls::inspect)))
            .service(
                web::resource("/disputes/evidence")
                    .app_data(json_config(EVIDENCE_BYTES_MAX))
                    .route(web::post().to(calls::submit_evidence)),
            )
            .service(web::resource("/disputes/accept").route(web::post().to(calls::accept_dispute)))
            .service(
                web::resource("/tokenise-bank-account").route(web::post().to(calls::tokenise_bank_account)),
            )
            .service(web::resource("/inspect-method").route(web::post().to(calls::inspect_method)))
            .service(web::resource("/zero-amount").route(web::post().to(calls::authorize_nothing)))
            .service(web::resource("/three-ds-support").route(web::post().to(calls::three_ds_support)))
            .service(web::resource("/deposits").route(web::post().to(calls::send_deposits)))
            .service(web::resource("/scripts").route(web::post().to(tools::script)))
            .service(web::resource("/scripts/forget").route(web::post().to(tools::forget_scripts)))
            .service(web::resource("/events").route(web::post().to(tools::raise)))
            .service(web::resource("/tokens").route(web::post().to(tools::issue_token)))
            .service(web::resource("/cards").route(web::get().to(tools::cards)))
            .service(web::resource("/books").route(web::get().to(books::list)))
            .service(page("/challenge/{reference}"))
            .service(embedded("/acs/{reference}"));
        config
            .app_data(web::Data::new(server.clone()))
            .app_data(web::Data::new(server.gateway.clone()))
            .service(calls)
            .service(web::resource("/livez").route(web::get().to(health::live)))
            .service(web::resource("/readyz").route(web::get().to(health::ready)));
    }
}

/// Only what a customer's browser needs, for a process that has the simulator inside: the challenge pages.
pub fn browser_routes(gateway: SimulatorGateway) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    move |config| {
        config
            .app_data(web::Data::new(gateway.clone()))
            .service(page("/simulator/challenge/{reference}"))
            .service(embedded("/simulator/acs/{reference}"));
    }
}

fn page(path: &str) -> actix_web::Resource {
    web::resource(path).route(web::get().to(challenge_page::show)).route(web::post().to(challenge_page::pay))
}

fn embedded(path: &str) -> actix_web::Resource {
    web::resource(path).route(web::post().to(embedded_challenge::show))
}

fn json_config(bytes_max: usize) -> web::JsonConfig {
    web::JsonConfig::default().limit(bytes_max).error_handler(|error, _| Problem::of_json(&error).into())
}
