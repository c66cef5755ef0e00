//! Hotels, and programs of theirs, are told how payments ended; and what their settings decide.

use std::sync::Mutex;
use std::time::Duration;

use actix_web::test::TestRequest;
use async_trait::async_trait;
use serde_json::{Value, json};
use tender_domain::ports::{NotifyError, Webhook, WebhookSender};
use tender_intents::HotelNotices;

use crate::hotels::{PAYMENTS, at_the_page, wanted};
use crate::rig::{Answer, CUSTOMER, Process, World, with};

const TOLD: &str = "https://booking.example/told";
const DESK: &str = "desk@hotel.example";

/// A program that keeps what it was told, and can be told to fail.
#[derive(Default)]
pub(crate) struct Receiver {
    heard: Mutex<Vec<Webhook>>,
    fails_with: Mutex<Option<NotifyError>>,
}

#[async_trait]
impl WebhookSender for Receiver {
    fn check(&self, url: &str) -> Result<(), String> {
        if url.contains("inside") { Err("must be at a public address".to_owned()) } else { Ok(()) }
    }

    fn public_key(&self) -> String {
        "whpk_of_tests".to_owned()
    }

    async fn send(&self, webhook: &Webhook) -> Result<(), NotifyError> {
        if let Some(error) = self.fails_with.lock().expect("no holder panics").clone() {
            return Err(error);
        }
        self.heard.lock().expect("no holder panics").push(webhook.clone());
        Ok(())
    }
}

impl Receiver {
    fn fail(&self, error: impl Into<Option<NotifyError>>) {
        *self.fails_with.lock().expect("no holder panics") = error.into();
    }

    fn heard(&self) -> Vec<Value> {
        let heard = self.heard.lock().expect("no holder panics");
        heard.iter().map(|told| serde_json::from_str(&told.body).expect("it is JSON")).collect()
    }
}

impl Process {
    /// One round of the worker that tells hotels: how many messages were tried.
    async fn tell_hotels(&self) -> usize {
        let worker = HotelNotices::new(self.service.clone(), Duration::from_secs(1));
        worker.run_once().await.expect("what is due can be read")
    }
}

async fn put(process: &Process, body: &Value) -> Answer {
    let request = TestRequest::put().uri("/hotels/hotels/hotel-1/settings").set_json(body);
    process.call(process.signed(request, "acme", CUSTOMER, "admin")).await
}

async fn settings(process: &Process) -> Value {
    process.get("/hotels/hotels/hotel-1/settings").await.json
}

async fn pay(world: &World, process: &Process, body: Value, result: &str) -> Answer {
    let payment = process.post(PAYMENTS, &format!("{body}").len().to_string(), body).await;
    assert_eq!(payment.status, 201, "{}", payment.json);
    assert!(at_the_page(world, &payment, result).await);
    let path = format!("{PAYMENTS}/{}/notify", payment.text("payment_id"));
    process.call(TestRequest::post().uri(&path)).await;
    payment
}

async fn shown(process: &Process, payment: &Answer) -> Vec<Value> {
    let record = process.get(&format!("{PAYMENTS}/{}", payment.text("payment_id"))).await;
    record.json["notifications"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn who_is_named_is_told_once_how_each_payment_ended() {
    for (result, status, kind) in [
        ("success", "COMPLETED", "payment.completed"),
        ("failed", "FAILED", "payment.failed"),
        ("canceled", "CANCELLED", "payment.cancelled"),
    ] {
        let world = World::new();
        let process = world.process();
        let payment = pay(&world, &process, with(wanted(), "notification_url", TOLD), result).await;
        let _ = world.tell(&process).await;
        let (first, other) = tokio::join!(process.tell_hotels(), process.tell_hotels());
        assert!(first + other >= 1);
        let heard = world.receiver.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        let told = &heard[0];
        assert_eq!((&told["type"], &told["status"]), (&json!(kind), &json!(status)));
        assert_eq!(told["payment_id"], payment.json["payment_id"]);
        assert_eq!((told["amount"].to_string(), &told["currency"]), ("120.50".to_owned(), &json!("EUR")));
        assert_eq!(told["gateway_ref"].is_string(), status == "COMPLETED", "{told}");
        let shown = shown(&process, &payment).await;
        assert_eq!((&shown[0]["status"], &shown[0]["address"]), (&json!("sent"), &json!(TOLD)));
        assert_eq!(process.tell_hotels().await, 0, "once");
    }
}

#[tokio::test]
async fn a_program_that_is_away_is_called_again_with_the_same_words_and_given_up_in_the_open() {
    let world = World::new();
    let process = world.process();
    let body = with(wanted(), "notification_url", TOLD);
    let payment = pay(&world, &process, body, "success").await;
    world.receiver.fail(NotifyError::Unavailable("it answered 500".to_owned()));
    assert_eq!(process.tell_hotels().await, 1);
    let waiting = shown(&process, &payment).await;
    assert_eq!((&waiting[0]["status"], &waiting[0]["failures"]), (&json!("requested"), &json!(1)));
    assert_eq!(process.tell_hotels().await, 0, "not at once");
    let restarted = world.process();
    for _ in 0..100 {
        world.wait(3_600);
        restarted.tell_hotels().await;
    }
    let lost = shown(&process, &payment).await;
    assert_eq!((&lost[0]["status"], &lost[0]["problem"]), (&json!("failed"), &json!("it answered 500")));
    let alerts = world.told("alert.raised");
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("notice_undeliverable")), "{alerts:?}");
}

#[tokio::test]
async fn the_hotels_settings_name_whom_to_tell_by_call_and_by_mail() {
    let world = World::new();
    let process = world.process();
    let body = json!({ "notification_url": TOLD, "notification_emails": [DESK, DESK], "locale": "fr",
                       "psp": "simulator" });
    let set = put(&process, &body).await;
    assert_eq!((set.status, &set.json["version"]), (200, &json!(1)), "{}", set.json);
    assert_eq!(set.json["notification_emails"], json!([DESK]), "each is told once");
    let guest = json!({ "name": "Ada Example" });
    let payment = pay(&world, &process, with(wanted(), "guest", guest), "success").await;
    assert_eq!(process.tell_hotels().await, 2);
    assert_eq!(world.receiver.heard().len(), 1);
    let mails = world.mailer.taken();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, DESK));
    assert!(
        mails[0].subject.contains("120.50") && mails[0].subject.contains("ABC123"),
        "{}",
        mails[0].subject
    );
    let record = process.get(&format!("{PAYMENTS}/{}", payment.text("payment_id"))).await;
    assert_eq!(record.json["guest"]["locale"], "fr", "the hotel's language: {}", record.json);
    let ways: Vec<Value> =
        shown(&process, &payment).await.iter().map(|sent| sent["send_by"].clone()).collect();
    assert_eq!(ways, ["EMAIL", "URL"]);
    let other = with(with(wanted(), "hotel_id", "hotel-2"), "booking_reference", "B-2");
    pay(&world, &process, other, "success").await;
    assert_eq!(process.tell_hotels().await, 0, "another hotel set nothing");
}

#[tokio::test]
async fn settings_are_read_as_they_were_set_with_their_deposit_policies() {
    let world = World::new();
    let process = world.process();
    let unset = settings(&process).await;
    assert_eq!((&unset["version"], &unset["deposit_policies"]), (&json!(0), &json!([])), "{unset}");
    assert_eq!(unset["notification_key"], "whpk_of_tests");
    let policies = json!([
        { "rate_plan": "flex", "policy_type": "PERCENTAGE", "percentage": 12.5 },
        { "rate_plan": "fix", "policy_type": "FIXED_AMOUNT", "amount": 50.00, "currency": "EUR" },
        { "policy_type": "FIRST_NIGHT" },
    ]);
    let set = put(&process, &json!({ "locale": "de", "deposit_policies": policies, "version": 0 })).await;
    assert_eq!(set.status, 200, "{}", set.json);
    let read = settings(&process).await;
    assert_eq!((&read, &read["locale"]), (&set.json, &json!("de")));
    let shown = &read["deposit_policies"];
    assert_eq!(shown[0]["percentage"].to_string(), "12.50");
    assert_eq!((shown[1]["amount"].to_string(), &shown[1]["currency"]), ("50.00".to_owned(), &json!("EUR")));
    assert_eq!((&shown[2]["rate_plan"], &shown[2]["policy_type"]), (&Value::Null, &json!("FIRST_NIGHT")));
    // The core API sees the same policies, and they decide.
    let core = process.get("/v1/payments/deposits/policies?hotel_id=hotel-1").await;
    assert_eq!(core.json["policies"][0]["percentage_bps"], 1_250, "{}", core.json);
    let replaced = put(&process, &json!({ "version": 1 })).await;
    assert_eq!((&replaced.json["locale"], &replaced.json["version"]), (&Value::Null, &json!(2)));
    assert_eq!(replaced.json["deposit_policies"], read["deposit_policies"], "they stay as they are");
    let stale = put(&process, &json!({ "version": 1 })).await;
    assert_eq!((stale.status, stale.text("error")), (409, "VERSION_CONFLICT"), "{}", stale.json);
}

#[tokio::test]
async fn what_is_wrong_with_settings_is_named_and_nothing_is_set() {
    let world = World::new();
    let process = world.process();
    for (field, value) in [
        ("psp", json!("nowhere")),
        ("locale", json!("not a language")),
        ("notification_url", json!("ftp://booking.example")),
        ("notification_url", json!("https://inside.example")),
        ("notification_emails", json!(["nobody"])),
        ("notification_emails", json!(vec!["a@b"; 11])),
        ("pms", json!({ "provider": "APALEO" })),
        ("deposit_policies", json!([{ "policy_type": "PERCENTAGE", "percentage": 12.345 }])),
        ("deposit_policies", json!([{ "policy_type": "FIXED_AMOUNT", "amount": 50 }])),
        ("deposit_policies", json!([{ "policy_type": "SOMETIMES" }])),
    ] {
        let answer = put(&process, &json!({ field: value })).await;
        let said = (answer.status, answer.text("error"), answer.text("field"));
        assert_eq!(said, (400, "VALIDATION_ERROR", field), "{}", answer.json);
    }
    let twice = json!([{ "policy_type": "FIRST_NIGHT" }, { "policy_type": "NONE" }]);
    let refused = put(&process, &json!({ "deposit_policies": twice })).await;
    assert_eq!((refused.status, refused.text("field")), (422, "deposit_policies"), "{}", refused.json);
    assert_eq!(settings(&process).await["version"], 0);
    let inside =
        process.post(PAYMENTS, "k", with(wanted(), "notification_url", "https://inside.example")).await;
    assert_eq!((inside.status, inside.text("field")), (400, "notification_url"), "{}", inside.json);
}
