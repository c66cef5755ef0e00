//! Every route of the vault.

use std::sync::Arc;

use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    access_log, attestation, card_form, connector_secrets, internal, jobs, keys, methods, numbers, verify,
};
use crate::VaultService;

/// The vault's routes. They want `web::Data<VaultService>` in the application's data; see [`mount`].
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(methods::create_method)
        .service(methods::attach_method)
        .service(verify::verify_method)
        .service(verify::look_up_three_ds)
        .service(methods::list_methods)
        .service(methods::get_method)
        .service(methods::update_method)
        .service(methods::delete_method)
        .service(keys::list_keys)
        .service(keys::rotate_keys)
        .service(jobs::get_job)
        .service(access_log::list_access)
        .service(attestation::attestation)
        .service(card_form::take)
        .service(connector_secrets::keep)
        .service(connector_secrets::read)
        .service(connector_secrets::erase)
        .service(internal::charge_material)
        .service(internal::sign_card_form)
        .service(internal::card_form_method)
        .service(numbers::method_of_number);
    crate::dialects::routes(config);
}

/// The vault's routes with what they need: the service, and the key that makes the fingerprints of requests keyed,
/// since their bodies may hold card data. That key counts for the whole application.
pub fn mount(service: Arc<VaultService>) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + 'static {
    let request_key = web::Data::new(service.deps.fingerprint_key.for_requests());
    move |config| {
        config.app_data(web::Data::from(Arc::clone(&service))).app_data(request_key.clone());
        routes(config);
    }
}
