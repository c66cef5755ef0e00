//! What is asked and told of authentication, and sessions of alternative payment methods.

use tender_domain::intents::{IntentStore, NewIntent, PaymentOptions, StartSession};
use tender_domain::ports::{
    Agreement, AgreementKind, Authentication, AuthenticationFlow, AuthenticationStatus, Browser, Contact,
    Exemption, GatewayAnswer, Payer, ScaAnswer, ScaRequest, SessionFlow, SessionRequest,
};

use super::builders::{at, att, cap, full_intent, new_intent, save, saved_new, start, tenant};

fn told() -> Option<Box<ScaAnswer>> {
    let authentication = Authentication {
        version: Some("2.2.0".into()),
        status: AuthenticationStatus::A,
        eci: Some("06".into()),
        liability_shift: true,
        flow: AuthenticationFlow::Challenge,
        ds_transaction_id: Some("c'est\"".into()),
    };
    Some(Box::new(ScaAnswer {
        authentication: Some(authentication),
        exemption_granted: Some(false),
        network_transaction_id: Some("ntid".into()),
        declined: None,
    }))
}

/// With the options of their intent, and each attempt with what is its own.
///
/// # Panics
/// When the promise is broken.
pub async fn what_is_asked_and_told_of_authentication_is_read_as_written(store: &dyn IntentStore) {
    let tenant = tenant("strong");
    let mut new = tender_domain::intents::Intent::create(full_intent(&tenant, 1), at(0));
    new.options = PaymentOptions {
        request_three_ds: true,
        begins: Some(AgreementKind::Recurring),
        mandate: Some(att(77).mandate()),
        return_url: Some("https://shop.example/?a='b'".into()),
        embeds_challenge: true,
        payer: Payer {
            billing: Some(Box::new(Contact { name: Some("O'Hara \"Ada\"".into()), ..Contact::default() })),
            browser: Some(Box::new(Browser { timezone_offset_minutes: Some(-60), ..Browser::default() })),
            ..Payer::default()
        },
    };
    let before = save(store, None, new).await;
    let mut begun = before.start_attempt(start(1, &before), at(1)).expect("ready");
    begun.attempts[0].sca_request = ScaRequest {
        exemption: Some(Exemption::Recurring),
        begins: Some(AgreementKind::Recurring),
        return_url: Some("https://shop.example".into()),
        agreement: Some(Agreement {
            kind: AgreementKind::Unscheduled,
            network_transaction_id: Some("n'1\"".into()),
        }),
        embeds: true,
    };
    let begun = save(store, Some(&before), begun).await;
    let answer = GatewayAnswer::Approved {
        gateway_reference: "sim_1".into(),
        amount: begun.amount,
        captured: false,
        response_code: None,
        acquirer: None,
        avs: tender_domain::ports::Avs::default(),
        sca: told(),
    };
    let step = begun.record_answer(att(1), answer, cap(1), at(2)).expect("open");
    let held = save(store, Some(&begun), step.intent).await;
    assert_eq!(held.mandate(), Some(att(1).mandate()));
    let read = store.intent(&tenant, held.id).await.expect("readable").expect("there");
    assert_eq!(read, *held);
}

/// A challenge that is met within the shop's page is read with its request.
///
/// # Panics
/// When the promise is broken.
pub async fn an_embedded_challenge_is_read_with_its_request(store: &dyn IntentStore) {
    let tenant = tenant("embedded");
    let before = saved_new(store, new_intent(&tenant, 1)).await;
    let begun = before.start_attempt(start(21, &before), at(1)).expect("ready");
    let begun = save(store, Some(&before), begun).await;
    let challenge = GatewayAnswer::Challenge {
        url: "https://acs.example/challenge".into(),
        challenge_reference: "c".into(),
        creq: Some("eyJ0ZXN0IjoxfQ".into()),
    };
    let step = begun.record_answer(att(21), challenge, cap(21), at(2)).expect("open");
    let open = save(store, Some(&begun), step.intent).await;
    let read = store.intent_of_attempt(&tenant, att(21)).await.expect("readable").expect("there");
    assert_eq!(read, *open);
    let known = read.attempts[0].challenge.clone().expect("open");
    assert_eq!(known.creq.as_deref(), Some("eyJ0ZXN0IjoxfQ"));
}

/// A session charges no method, and is read as the attempt that it is.
///
/// # Panics
/// When the promise is broken.
pub async fn a_session_is_read_as_it_was_begun(store: &dyn IntentStore) {
    let tenant = tenant("sessions");
    let before = saved_new(store, NewIntent { instrument: None, ..new_intent(&tenant, 1) }).await;
    let session = SessionRequest {
        method: "ideal".into(),
        flow: SessionFlow::Qr,
        return_url: Some("https://shop.example/back?a='b'".into()),
        expires_at: at(1_800),
        page: None,
    };
    let begin = StartSession { id: att(11), connector: "simulator".into(), rule: None, session };
    let begun = save(store, Some(&before), before.start_session(begin, at(1)).expect("ready")).await;
    let page = GatewayAnswer::Challenge {
        url: "https://bank/1".into(),
        challenge_reference: "c".into(),
        creq: None,
    };
    let step = begun.record_answer(att(11), page, cap(11), at(2)).expect("open");
    let open = save(store, Some(&begun), step.intent).await;
    let read = store.intent_of_attempt(&tenant, att(11)).await.expect("readable").expect("there");
    assert_eq!(read, *open);
    assert!(read.open_session().is_some());
}
