//! Storefront dialects: other documents' routes, translated to the same use cases (contract §6).
//!
//! Requests, answers, envelopes, status and error codes are exactly as the dialect's document has them.

mod tickets;

use utoipa_actix_web::service_config::ServiceConfig;

/// The dialects' routes.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(tickets::pay);
}
