//! Misbehaviour by script over a real wire, and callbacks that really arrive.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tender_contract::gateway::{
    SentCallback, Signed, a_callback_tells_what_the_answer_said, a_forged_or_old_callback_is_refused,
};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    CallKind, Clock, GatewayError, Lookup, LookupRequest, PaymentGateway, RaiseEvent, SandboxError,
    SandboxEventKind, SandboxGateway,
};
use tender_gateways::HttpCallbackTarget;
use tender_memory::MemorySimulatorBooks;
use tender_simulator::{CallbackSender, Misbehaviour, Script, SimulatorGateway, SimulatorOptions};
use tender_testkit::SystemClock;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::bad_wire::authorization;
use crate::server::{self, BEARER, RunningSimulator};

async fn tell(port: u16, path: &str, body: Value) -> u16 {
    let client = reqwest::Client::new();
    let request = client.post(format!("http://127.0.0.1:{port}/simulator/{path}")).bearer_auth(BEARER);
    request.json(&body).send().await.expect("the simulator answers").status().as_u16()
}

#[tokio::test]
async fn a_scripted_5xx_and_nonsense_reach_the_adapter_as_such_and_mean_unknown() {
    let simulator = RunningSimulator::start();
    let gateway = server::client(simulator.port);
    for (does, done, says) in [
        ("server_error_before", false, "failed, as it was told to"),
        ("server_error_after", true, "failed, as it was told to"),
        ("malformed", true, "not understood"),
        ("timeout_after", true, "did not answer in time"),
    ] {
        let reference = format!("att_{does}");
        let script = json!({ "tenant": "sandbox", "reference": reference, "call": "authorize", "does": [does], "times": 1 });
        assert_eq!(tell(simulator.port, "scripts", script).await, 204);
        let answer = gateway.authorize(&authorization(&reference)).await;
        assert!(
            matches!(&answer, Err(GatewayError::Unknown(why)) if why.contains(says)),
            "{does}: {answer:?}"
        );
        let lookup = LookupRequest { tenant: TenantId::sandbox(), kind: CallKind::Authorize, reference };
        let found = gateway.lookup(&lookup).await.expect("answered");
        assert_eq!(matches!(found, Lookup::Answered(_)), done, "{does}: {found:?}");
    }
}

#[tokio::test]
async fn a_scripted_look_up_reaches_the_adapter_as_what_it_is_and_the_next_one_tells_the_truth() {
    let simulator = RunningSimulator::start();
    let gateway = server::client(simulator.port);
    gateway.authorize(&authorization("att_1")).await.expect("answered");
    let kind = CallKind::Authorize;
    let lookup = LookupRequest { tenant: TenantId::sandbox(), kind, reference: "att_1".to_owned() };
    for (does, says) in [
        ("server_error_before", "failed, as it was told to"),
        ("malformed", "not understood"),
        ("timeout_after", "in time"),
    ] {
        let script = json!({ "tenant": "sandbox", "reference": "att_1", "call": "lookup", "does": [does], "times": 1 });
        assert_eq!(tell(simulator.port, "scripts", script).await, 204);
        let found = gateway.lookup(&lookup).await;
        assert!(matches!(&found, Err(GatewayError::Unknown(why)) if why.contains(says)), "{does}: {found:?}");
        let found = gateway.lookup(&lookup).await;
        assert!(matches!(found, Ok(Lookup::Answered(_))), "{does}: {found:?}");
    }
}

#[tokio::test]
async fn a_script_that_makes_no_sense_is_refused_with_what_there_is() {
    let simulator = RunningSimulator::start();
    for body in [
        json!({ "tenant": "sandbox", "does": ["dance"] }),
        json!({ "tenant": "sandbox", "does": [] }),
        json!({ "tenant": "sandbox", "does": ["slow"], "times": 0 }),
        json!({ "tenant": "sandbox", "does": ["slow"], "call": "sing" }),
        json!({ "tenant": "sandbox", "does": ["slow"], "call": "lookup", "token": "tok_visa" }),
        json!({ "tenant": "sandbox", "does": ["slow"], "surprise": 1 }),
    ] {
        assert_eq!(tell(simulator.port, "scripts", body.clone()).await, 400, "{body}");
    }
    let all = json!({ "tenant": "sandbox", "does": ["malformed"] });
    assert_eq!(tell(simulator.port, "scripts", all).await, 204);
    assert_eq!(tell(simulator.port, "scripts/forget", json!({ "tenant": "sandbox" })).await, 204);
    server::client(simulator.port).authorize(&authorization("att_1")).await.expect("no script is left");
}

#[tokio::test]
async fn the_tools_work_over_http_as_in_the_process() {
    let simulator = RunningSimulator::start();
    let gateway = server::client(simulator.port);
    let cards = gateway.cards().await.expect("answered");
    assert_eq!(cards.len(), tender_simulator::test_cards().len());
    assert!(cards.iter().any(|card| card.token == "tok_visa" && card.number == "4242424242424242"));
    let tenant = TenantId::sandbox();
    let token = gateway.issue_token(&tenant, "approve").await.expect("a behaviour");
    assert!(gateway.inspect_token(&tenant, &token).await.expect("answered").is_some());
    let refused = gateway.issue_token(&tenant, "generous").await;
    assert!(matches!(refused, Err(SandboxError::Refused(_))), "{refused:?}");

    gateway.authorize(&authorization("att_1")).await.expect("answered");
    let kind = SandboxEventKind::Duplicate;
    let raise =
        RaiseEvent { tenant, reference: "att_1".to_owned(), kind, delay: Duration::ZERO, request: None };
    let events = gateway.raise(&raise).await.expect("it makes sense");
    assert!(matches!(events.as_slice(), [one, two] if one == two), "{events:?}");
    let once = RaiseEvent { kind: SandboxEventKind::Late, request: Some("key".to_owned()), ..raise.clone() };
    let first = gateway.raise(&once).await.expect("it makes sense");
    assert_eq!(
        gateway.raise(&once).await.expect("it was raised"),
        first,
        "the same request raises nothing more"
    );
    let refused = gateway.raise(&RaiseEvent { reference: "att_9".to_owned(), ..raise }).await;
    assert!(matches!(refused, Err(SandboxError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn a_callback_is_sent_by_http_until_the_receiver_has_it_and_the_adapter_understands_it() {
    let receiver = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .mount(&receiver)
        .await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&receiver).await;
    let options = SimulatorOptions::new(BEARER).with_delay(Duration::ZERO);
    let simulator =
        SimulatorGateway::new(Arc::new(MemorySimulatorBooks::new()), Arc::new(SystemClock), options);
    let target = HttpCallbackTarget::new(&receiver.uri()).expect("a good address");
    let sender = CallbackSender::new(simulator.clone(), Arc::new(target), Duration::from_millis(20));
    simulator.script(Script {
        tenant: TenantId::sandbox(),
        call: None,
        reference: None,
        token: None,
        amount_minor: None,
        times: None,
        does: vec![Misbehaviour::Callback],
    });
    let answer = simulator.authorize(&authorization("att_1")).await.expect("answered");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sending = tokio::spawn(sender.run(stopped));
    let requests = tender_testkit::eventually("the second delivery", || async {
        let requests = receiver.received_requests().await.expect("they are kept");
        (requests.len() == 2).then_some(requests)
    })
    .await;
    stop.send_replace(true);
    sending.await.expect("it ends");
    assert_eq!(requests[0].body, requests[1].body, "the same event");

    let signing = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let header = |name: &str| {
        let value = requests[1].headers.get(name).expect("it is signed").to_str().expect("ASCII");
        (name.to_owned(), value.to_owned())
    };
    let sent = SentCallback {
        signed: Signed::Whole,
        headers: signing.map(header).to_vec(),
        body: requests[1].body.clone(),
        at: SystemClock.now(),
        reference: "att_1".to_owned(),
        answer,
    };
    let gateway = server::client(1);
    a_callback_tells_what_the_answer_said(&gateway, &sent);
    a_forged_or_old_callback_is_refused(&gateway, &sent);
}
