//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::rentals;

/// The dialects' routes.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(rentals::add).service(rentals::list).service(rentals::delete);
}
