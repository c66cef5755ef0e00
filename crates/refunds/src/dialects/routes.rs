//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{adventures, hotels, rentals};

/// The dialects' routes.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(adventures::refund)
        .service(adventures::evaluate)
        .service(adventures::open_dispute)
        .service(adventures::list_disputes)
        .service(adventures::dispute)
        .service(adventures::update_dispute)
        .service(adventures::resolve_dispute)
        .service(adventures::chargeback)
        .service(hotels::refund)
        .service(rentals::refund);
}
