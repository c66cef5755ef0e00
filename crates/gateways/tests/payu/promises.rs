//! The promises that every gateway makes, kept by PayU as far as it declares them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tender_contract::gateway::{GatewayRig, ToldOfDecline, Trouble};
use tender_domain::kernel::TenantId;
use tender_domain::ports::DeclineCode;

use crate::rig::{Double, VISA, payu};
use crate::rules::error;
use crate::standin::Fault;

async fn rig() -> (GatewayRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (wire, browser) = (Arc::clone(&double), Arc::clone(&double));
    let rig = GatewayRig {
        gateway: Arc::new(payu(&double)),
        tenant: TenantId::sandbox(),
        approved: VISA,
        declined: ("payu-sandbox/c0ffee/TOKC_declinedS51", DeclineCode::InsufficientFunds),
        told_of_decline: ToldOfDecline { response_code: Some("S51"), ..Default::default() },
        challenged: Some("payu-sandbox/c0ffee/TOKC_challenged"),
        meet: Box::new(move |challenge, met| {
            browser.kept().rules.meet(challenge, met);
            // PayU sends the browser back with nothing that is needed.
            String::new()
        }),
        trouble: Box::new(move |trouble| in_trouble(&wire, trouble)),
        card: None,
        knows_tenants: false,
        names_amounts: true,
        knows_repetitions: false,
        sent: None,
        references: AtomicU64::new(0),
    };
    (rig, double)
}

fn in_trouble(double: &Double, trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AnswerLost => double.next(Fault::LostAfter),
        Trouble::CallLost => double.next(Fault::LostBefore),
        Trouble::Refused => double.next(Fault::Refused(400, error("ERROR_VALUE_INVALID", "no"))),
        Trouble::WrongAmount => return "payu-sandbox/c0ffee/TOKC_less",
    }
    VISA
}

tender_contract::gateway_promises!(rig);
