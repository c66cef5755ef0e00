//! The promises that every gateway makes, kept by Square as far as it declares them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tender_contract::gateway::{GatewayRig, ToldOfDecline, Trouble};
use tender_domain::kernel::TenantId;
use tender_domain::ports::DeclineCode;

use crate::rig::{Double, VISA, square};
use crate::rules::error;
use crate::standin::Fault;

async fn rig() -> (GatewayRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let wire = Arc::clone(&double);
    let rig = GatewayRig {
        gateway: Arc::new(square(&double)),
        tenant: TenantId::sandbox(),
        approved: VISA,
        declined: (
            "square-sandbox/CUSTvisa/ccof:declined-INSUFFICIENT_FUNDS",
            DeclineCode::InsufficientFunds,
        ),
        told_of_decline: ToldOfDecline { avs: Some("Y"), cvv: Some("N"), ..Default::default() },
        challenged: None,
        meet: Box::new(|_, _| String::new()),
        trouble: Box::new(move |trouble| in_trouble(&wire, trouble)),
        card: None,
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
            let body = error("INVALID_REQUEST_ERROR", "MISSING_REQUIRED_PARAMETER", "-", "no");
            double.next(Fault::Refused(400, body));
        }
        Trouble::WrongAmount => return "square-sandbox/CUSTvisa/ccof:less",
    }
    VISA
}

tender_contract::gateway_promises!(rig);
