//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{charges, deposits, fraud, intents, money_actions, orders, payment_links};
use crate::pages;

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
        .service(orders::get)
        .service(fraud::score)
        .service(fraud::decision)
        .service(fraud::list_rules)
        .service(fraud::add_rule)
        .service(fraud::delete_rule)
        .service(fraud::thresholds)
        .service(fraud::create_override)
        .service(deposits::get_policies)
        .service(deposits::put_policies)
        .service(deposits::evaluate)
        .service(payment_links::create)
        .service(payment_links::list)
        .service(payment_links::get)
        .service(payment_links::update)
        .service(payment_links::cancel)
        .service(payment_links::send)
        .service(pages::stylesheet)
        .service(pages::review)
        .service(pages::returned)
        .service(pages::confirm)
        .service(pages::pay);
    crate::dialects::routes(config);
}
