use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::SimulatorServer;
use super::problem::Problem;

/// The caller has presented the bearer secret. First of a handler's arguments, so that nobody else learns anything.
pub(crate) struct Trusted;

impl FromRequest for Trusted {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let presented = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|header| header.as_bytes().strip_prefix(b"Bearer "))
            .unwrap_or_default();
        let trusted = request.app_data::<web::Data<SimulatorServer>>().is_some_and(|server| {
            let secret = server.bearer.expose_secret().as_bytes();
            !secret.is_empty() && bool::from(secret.ct_eq(presented))
        });
        let detail = "present the simulator's shared secret as Authorization: Bearer";
        ready(if trusted {
            Ok(Self)
        } else {
            Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail))
        })
    }
}
