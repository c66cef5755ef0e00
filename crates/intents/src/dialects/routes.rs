//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{adventures, hotels, rentals, tickets};

/// The dialects' routes.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(tickets::pay)
        .service(adventures::pay)
        .service(adventures::get)
        .service(adventures::history_of_guest)
        .service(hotels::pay)
        .service(hotels::get)
        .service(hotels::create_link)
        .service(hotels::get_link)
        .service(hotels::cancel_link)
        .service(hotels::send_link)
        .service(hotels::reserve)
        .service(hotels::change)
        .service(hotels::get_settings)
        .service(hotels::put_settings)
        .service(hotels::returned)
        .service(hotels::notified)
        .service(hotels::notified_by_get)
        .service(rentals::process)
        .service(rentals::begin)
        .service(rentals::called_back)
        .service(rentals::list)
        .service(rentals::get);
}
