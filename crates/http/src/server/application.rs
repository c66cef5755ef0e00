//! A service's routes, as something a server can serve and a test can call.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use super::documents::{self, PAGES};
use super::health::{Health, ReadinessCheck, livez, readyz};
use crate::called_from::TrustedProxies;
use crate::edge::{AllowedOrigins, CallLog, Calls, EdgeRules, Room, RouteTable, pass, unmatched};
use crate::work::Unfinished;

const REQUEST_SECONDS: u64 = 30;

type Configure = Arc<dyn Fn(&mut ServiceConfig<'_>) + Send + Sync>;

/// A service's routes with everything around them: the edge, `/livez`, `/readyz`, `/openapi.json`, `/docs`. Cheap to
/// clone; every worker thread makes its own actix application of it.
#[derive(Clone)]
pub struct Application {
    title: &'static str,
    configure: Configure,
    request_timeout: Duration,
    pub(super) health: Health,
    pub(super) metrics: Arc<dyn Fn() -> String + Send + Sync>,
    pub(super) unfinished: Unfinished,
    room: Room,
    origins: Arc<AllowedOrigins>,
    proxies: TrustedProxies,
    calls: Calls,
}

impl Application {
    /// An application of this title with these routes. `configure` declares the routes (each with `utoipa::path`) and
    /// puts the application's data; it runs once per worker thread.
    #[must_use]
    pub fn new(
        title: &'static str,
        configure: impl Fn(&mut ServiceConfig<'_>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            title,
            configure: Arc::new(configure),
            request_timeout: Duration::from_secs(REQUEST_SECONDS),
            health: Health::default(),
            metrics: Arc::new(String::new),
            unfinished: Unfinished::default(),
            room: Room::default(),
            origins: Arc::default(),
            proxies: TrustedProxies::default(),
            calls: Calls::default(),
        }
    }

    /// With something that must be ready before `/readyz` says so.
    #[must_use]
    pub fn readiness(mut self, check: Arc<dyn ReadinessCheck>) -> Self {
        self.health.checks.push(check);
        self
    }

    /// With the text that `/metrics` of the private port gives (Prometheus exposition format).
    #[must_use]
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Arc::new(render);
        self
    }

    /// With another time limit for a request than 30 seconds.
    #[must_use]
    pub const fn request_timeout(mut self, limit: Duration) -> Self {
        self.request_timeout = limit;
        self
    }

    /// With at most so many requests in work at once; more are answered 503 with `Retry-After`, except questions about
    /// health. Without it there is no limit.
    #[must_use]
    pub fn concurrent_requests(mut self, max: usize) -> Self {
        self.room = Room::for_requests(max);
        self
    }

    /// With what is known of the origins whose pages may call from a browser; without it none may.
    #[must_use]
    pub fn allowed_origins(mut self, origins: Arc<AllowedOrigins>) -> Self {
        self.origins = origins;
        self
    }

    /// With the networks of what stands in front of it; without it only what is on this machine is believed.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// With the log of what people read of people and payments, and of what is asked in somebody else's name: what it does
    /// not take is neither shown nor done. Without it nothing is put down.
    #[must_use]
    pub fn call_log(mut self, log: Arc<dyn CallLog>) -> Self {
        self.calls = Calls::in_log(log);
        self
    }

    /// From now on `/readyz` says 503, so that no new clients are sent here.
    pub fn drain(&self) {
        self.health.draining.store(true, Ordering::Relaxed);
    }

    /// The actix application: for a worker thread, and for `actix_web::test::init_service`.
    pub fn app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<BoxBody>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        let configure = Arc::clone(&self.configure);
        let (app, document) =
            App::new().into_utoipa_app().configure(|config| configure(config)).split_for_parts();
        let document = documents::complete(document, self.title);
        let rules = EdgeRules {
            time_limit: self.request_timeout,
            unfinished: self.unfinished.clone(),
            room: self.room.clone(),
            origins: Arc::clone(&self.origins),
            calls: self.calls.clone(),
        };
        app.app_data(web::Data::new(RouteTable::new(&document, PAGES)))
            .app_data(web::Data::new(self.health.clone()))
            .app_data(web::Data::new(self.proxies.clone()))
            .app_data(web::Data::new(self.calls.clone()))
            .app_data(web::Data::new(documents::Rendered::new(&document)))
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz))
            .configure(documents::routes)
            .default_service(web::to(unmatched))
            .wrap(from_fn(move |request, next| pass(rules.clone(), request, next)))
    }

    /// The OpenAPI document of the routes.
    #[must_use]
    pub fn openapi(&self) -> OpenApi {
        let configure = Arc::clone(&self.configure);
        let (_, document) =
            App::new().into_utoipa_app().configure(|config| configure(config)).split_for_parts();
        documents::complete(document, self.title)
    }
}
