//! The promises that every gateway makes, kept by Worldpay as far as it declares them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tender_contract::gateway::{GatewayRig, ToldOfDecline, Trouble};
use tender_domain::kernel::TenantId;
use tender_domain::ports::DeclineCode;

use crate::rig::{Double, VISA, worldpay};
use crate::rules::error;
use crate::standin::Fault;

async fn rig() -> (GatewayRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let wire = Arc::clone(&double);
    let rig = GatewayRig {
        gateway: Arc::new(worldpay(&double)),
        tenant: TenantId::sandbox(),
        approved: VISA,
        declined: ("worldpay-sandbox/tokenrefused51", DeclineCode::InsufficientFunds),
        told_of_decline: ToldOfDecline {
            response_code: Some("51"),
            avs: Some("N"),
            cvv: Some("U"),
            ..Default::default()
        },
        challenged: None,
        meet: Box::new(|_, _| String::new()),
        trouble: Box::new(move |trouble| in_trouble(&wire, trouble)),
        card: Some(("4444333322221111", "VISA", "1111")),
        knows_tenants: false,
        names_amounts: false,
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
        Trouble::Refused => double.next(Fault::Refused(400, error("bodyDoesNotMatchSchema", "no"))),
        Trouble::WrongAmount => unreachable!("it names no amounts"),
    }
    VISA
}

tender_contract::gateway_promises!(rig);
