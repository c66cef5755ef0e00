//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{charges, gateway_callbacks, intents, money_actions, orders};

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
        .service(gateway_callbacks::take)
        .service(gateway_callbacks::take_of_connector)
        .service(orders::put)
        .service(orders::get);
    crate::dialects::routes(config);
}
