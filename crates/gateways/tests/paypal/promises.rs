//! The promises that every gateway makes, kept by PayPal as far as it declares them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tender_contract::gateway::{GatewayRig, ToldOfDecline, Trouble};
use tender_domain::kernel::TenantId;
use tender_domain::ports::DeclineCode;

use crate::double::{Double, Fault, error};
use crate::rig::{CHALLENGED, VISA, paypal};

async fn rig() -> (GatewayRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (bank, wire) = (Arc::clone(&double), Arc::clone(&double));
    let rig = GatewayRig {
        gateway: Arc::new(paypal(&double)),
        tenant: TenantId::sandbox(),
        approved: VISA,
        declined: ("paypal-sandbox/tokendeclined5120", DeclineCode::InsufficientFunds),
        told_of_decline: ToldOfDecline {
            response_code: Some("5120"),
            avs: Some("Y"),
            cvv: Some("M"),
            ..Default::default()
        },
        challenged: Some(CHALLENGED),
        meet: Box::new(move |challenge, met| bank.authenticate(challenge, met)),
        trouble: Box::new(move |trouble| in_trouble(&wire, trouble)),
        card: Some(("4111111111111111", "VISA", "1111")),
        knows_tenants: false,
        names_amounts: true,
        knows_repetitions: true,
        sent: None,
        references: AtomicU64::new(0),
    };
    (rig, double)
}

fn in_trouble(double: &Double, trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AnswerLost => double.next(Fault::LostAfter),
        Trouble::CallLost => double.next(Fault::LostBefore),
        Trouble::Refused => {
            double.next(Fault::Refused(400, error("INVALID_REQUEST", "INVALID_PARAMETER", "")))
        }
        Trouble::WrongAmount => return "paypal-sandbox/tokenless",
    }
    VISA
}

tender_contract::gateway_promises!(rig);
