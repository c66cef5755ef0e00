//! The HTTP side: one file per resource.

mod body;
mod charge_body;
mod charges;
mod intents;
mod internal;
mod money_actions;
mod orders;
mod problems;
mod request;

pub use internal::routes as internal_routes;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of the service. Its [`IntentsService`](crate::IntentsService) is taken from the application's data, as
/// `web::Data<Arc<IntentsService>>`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(intents::create)
        .service(intents::list)
        .service(intents::get)
        .service(intents::attach_method)
        .service(intents::confirm)
        .service(intents::complete_challenge)
        .service(money_actions::capture)
        .service(money_actions::cancel)
        .service(charges::list_of_intent)
        .service(orders::put)
        .service(orders::get);
    crate::dialects::routes(config);
}
