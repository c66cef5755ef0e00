//! The HTTP kit of every service: extractors, problem details, authentication, the server.
//!
//! **What lives here.** What every route needs and no route is about: [`Problem`] (RFC 9457), [`Command`] (a mutating
//! request with its idempotency key), [`Authorized`] (who calls, with which scope), [`ListQuery`] and [`Paginated`],
//! [`IfMatch`], [`RateGate`], [`FoundOut`], [`CalledFrom`], [`respond`], the edge that every request passes (request id, trace, time-out, metrics, 404 and 405),
//! and the [`Server`] with its health and documents.
//!
//! **What never does.** A service's route, resource or rule; SQL; Kafka; a call to another service.
//!
//! **How to add a thing.** Add it when two services need the same law of HTTP, as an extractor or a responder in a
//! module of its own, re-exported here. A new refusal is a constructor of [`Problem`] only when several services give
//! it; else the service calls [`Problem::new`] with its own code, which `docs/api-design.md` then lists.

mod answer;
mod auth;
mod called_from;
mod command;
mod context;
mod edge;
mod jobs;
mod list;
mod path;
mod precondition;
mod problem;
mod rate;
mod resolution;
mod server;
pub mod storefront;
mod timing;
pub mod trace;
mod work;

pub use answer::{ResponseExt, keep, respond, respond_json};
pub use auth::{
    AnyCaller, ApiKeyCache, ApiKeyText, AuthState, Authorized, ClientSecretVerifier, Environment,
    IntentCaller, InvalidJwks, InvalidServiceKey, JwksSource, KeyTrust, MaybeCaller, ProjectedKeyDirectory,
    RouteScope, ServiceKey, ServiceTokenSigner, ServiceTokenVerifier, StaticJwks, TokenSettings,
    TokenVerifier, VerificationKeys, scopes,
};
pub use called_from::{CalledFrom, TrustedProxies};
pub use command::{
    Command, FingerprintKey, OptionalBody, Replay, RequestKey, parse_json, replay_or_conflict, route_of,
};
pub use edge::{AllowedOrigins, CallLog, DeclaredRoute, PersonsCall};
pub use jobs::{JobBody, JobItemBody, JobResult, job_answer, job_path, owner_of_job};
pub use list::{CreatedRange, ListQuery, MetadataFilter, NoFilter, PageQuery, Paginated, PlainQuery};
pub use path::parse_id;
pub use precondition::{IfMatch, check_version, check_version_if_named};
pub use problem::{FieldError, Problem};
pub use rate::{RateGate, RateHeaders};
pub use resolution::{FoundOut, ResolutionBody};
pub use server::{Application, ReadinessCheck, RunningServer, Server, ServerSettings, TlsFiles, terminated};
pub use timing::ServerTiming;
pub use trace::current_traceparent;
pub use work::to_the_end;
