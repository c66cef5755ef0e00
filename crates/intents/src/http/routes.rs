//! Which path leads where.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    apm, authorizations, bulk, charges, connectors, deposits, diagnostics, fraud, gateway_callbacks, intents,
    jobs, managed_callbacks, money_actions, next_action, orders, payment_links, resolve, three_ds,
    transactions, update,
};
use crate::pages;

/// The routes of the service. Its [`IntentsService`](crate::IntentsService) is taken from the application's data, as
/// `web::Data<Arc<IntentsService>>`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(intents::create)
        .service(intents::list)
        .service(bulk::create)
        .service(jobs::get)
        .service(intents::get)
        .service(update::update)
        .service(intents::attach_method)
        .service(intents::confirm)
        .service(three_ds::start_three_ds)
        .service(intents::complete_challenge)
        .service(apm::initiate)
        .service(apm::confirm)
        .service(next_action::next_action)
        .service(money_actions::capture)
        .service(money_actions::cancel)
        .service(resolve::resolve)
        .service(diagnostics::diagnose)
        .service(charges::list_of_intent)
        .service(charges::get_charge)
        .service(transactions::list_of_intent)
        .service(authorizations::get)
        .service(authorizations::capture)
        .service(authorizations::void)
        .service(gateway_callbacks::take)
        .service(gateway_callbacks::take_of_connector)
        .service(managed_callbacks::list)
        .service(managed_callbacks::get)
        .service(managed_callbacks::handle)
        .service(orders::put)
        .service(orders::get)
        .service(connectors::list)
        .service(connectors::register)
        .service(connectors::get)
        .service(connectors::update)
        .service(connectors::delete)
        .service(connectors::rotate)
        .service(connectors::test)
        .service(connectors::list_logs)
        .service(connectors::get_decline_table)
        .service(connectors::put_decline_table)
        .service(connectors::evaluate)
        .service(connectors::list_rules)
        .service(connectors::add_rule)
        .service(connectors::get_rule)
        .service(connectors::update_rule)
        .service(connectors::delete_rule)
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
        .service(pages::choose)
        .service(pages::pay);
    crate::dialects::routes(config);
}
