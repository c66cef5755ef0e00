//! The promises that every gateway makes, kept by Adyen as far as it declares them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tender_contract::gateway::{GatewayRig, ToldOfDecline, Trouble};
use tender_domain::kernel::TenantId;
use tender_domain::ports::DeclineCode;

use crate::double::{Double, Fault, body_of, error};
use crate::rig::{CHALLENGED, VISA, adyen, now};

async fn rig() -> (GatewayRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (bank, wire, notices) = (Arc::clone(&double), Arc::clone(&double), Arc::clone(&double));
    let sent = move || {
        let notices = notices.books().notices.clone();
        notices.into_iter().map(|notice| (Vec::new(), body_of(&[notice]).into_bytes())).collect()
    };
    let rig = GatewayRig {
        gateway: Arc::new(adyen(&double)),
        tenant: TenantId::sandbox(),
        approved: VISA,
        declined: ("tender-sandbox-c1/DECLINED00000012", DeclineCode::InsufficientFunds),
        told_of_decline: ToldOfDecline {
            response_code: Some("05"),
            acquirer: Some("TestPmmAcquirer"),
            avs: Some("N"),
            cvv: Some("M"),
        },
        challenged: Some(CHALLENGED),
        meet: Box::new(move |challenge, met| bank.authenticate(challenge, met)),
        trouble: Box::new(move |trouble| in_trouble(&wire, trouble)),
        card: Some(("4111111111111111", "VISA", "1111")),
        knows_tenants: false,
        names_amounts: true,
        knows_repetitions: true,
        sent: Some((Box::new(sent), now())),
        references: AtomicU64::new(0),
    };
    (rig, double)
}

fn in_trouble(double: &Double, trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::AnswerLost => double.next(Fault::LostAfter),
        Trouble::CallLost => double.next(Fault::LostBefore),
        Trouble::Refused => double.next(Fault::Refused(422, error(422, "100", "No amount specified"))),
        Trouble::WrongAmount => return "tender-sandbox-c1/WRONGAMOUNT00001",
    }
    VISA
}

tender_contract::gateway_promises!(rig);
