//! Which handlers the service has.

use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    bulk, chargebacks, dispute_tiers, disputes, evidence, numbers, open_refunds, refund_policies, refunds,
    resolve_refund, told_refunds, upload_content, uploads,
};

/// The routes of the service. Its [`RefundsService`](crate::RefundsService) is taken from the application's data, as
/// `web::Data<Arc<RefundsService>>`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(refunds::create)
        .service(refunds::list)
        .service(refunds::get)
        .service(refunds::cancel)
        .service(resolve_refund::resolve)
        .service(refunds::list_of_intent)
        .service(bulk::create)
        .service(bulk::get_job)
        .service(disputes::create)
        .service(disputes::list)
        .service(disputes::get)
        .service(disputes::update)
        .service(disputes::close)
        .service(disputes::resolve)
        .service(evidence::submit)
        .service(evidence::list)
        .service(uploads::declare)
        .service(upload_content::put_content)
        .service(upload_content::get_content)
        .service(dispute_tiers::get_tiers)
        .service(dispute_tiers::put_tiers)
        .service(chargebacks::create)
        .service(chargebacks::take_told)
        .service(told_refunds::take_told)
        .service(refund_policies::get_policies)
        .service(refund_policies::put_policies)
        .service(refund_policies::evaluate)
        .service(numbers::number)
        .service(open_refunds::list);
    crate::dialects::routes(config);
}
