//! The promises that every gateway makes, kept by Saferpay as far as it declares them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tender_contract::gateway::{GatewayRig, ToldOfDecline, Trouble};
use tender_domain::kernel::TenantId;
use tender_domain::ports::DeclineCode;

use crate::rig::{Double, VISA, saferpay};
use crate::rules::error;
use crate::standin::Fault;

async fn rig() -> (GatewayRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (wire, browser) = (Arc::clone(&double), Arc::clone(&double));
    let rig = GatewayRig {
        gateway: Arc::new(saferpay(&double)),
        tenant: TenantId::sandbox(),
        approved: VISA,
        declined: ("saferpay-sandbox/b7ad567477c8-declined51", DeclineCode::InsufficientFunds),
        told_of_decline: ToldOfDecline {
            response_code: Some("51"),
            acquirer: Some("Saferpay Test"),
            ..Default::default()
        },
        challenged: Some("saferpay-sandbox/b7ad567477c8-challenged"),
        meet: Box::new(move |challenge, met| {
            browser.kept().rules.meet(challenge, met);
            // Saferpay sends the browser back with nothing.
            String::new()
        }),
        trouble: Box::new(move |trouble| in_trouble(&wire, trouble)),
        card: Some(("4111111111111111", "VISA", "1111")),
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
        Trouble::Refused => double.next(Fault::Refused(400, error("VALIDATION_FAILED"))),
        Trouble::WrongAmount => return "saferpay-sandbox/b7ad567477c8-less",
    }
    VISA
}

tender_contract::gateway_promises!(rig);
