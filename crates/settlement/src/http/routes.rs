//! The routes, and the service that they call.

use std::sync::Arc;

use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ledger, store_credit};
use crate::SettlementService;

/// The routes. They want `web::Data<SettlementService>` in the application's data; see [`mount`].
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ledger::list_accounts)
        .service(ledger::list_entries)
        .service(ledger::check_ledger)
        .service(store_credit::adjust)
        .service(store_credit::balances)
        .service(store_credit::history);
}

/// The routes with the service that they call.
pub fn mount(
    service: Arc<SettlementService>,
) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + Sync + 'static {
    move |config| {
        config.app_data(web::Data::from(Arc::clone(&service)));
        routes(config);
    }
}
