//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{adventures, rentals, tickets};

/// The dialects' routes.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(tickets::pay)
        .service(adventures::pay)
        .service(adventures::get)
        .service(adventures::history_of_guest)
        .service(rentals::process)
        .service(rentals::list)
        .service(rentals::get);
}
