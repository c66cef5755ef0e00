//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{adventures, hotels, rentals};

/// The dialects' routes.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(adventures::refund)
        .service(adventures::evaluate)
        .service(hotels::refund)
        .service(rentals::refund);
}
