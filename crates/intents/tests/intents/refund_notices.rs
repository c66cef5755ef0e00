//! People are told of refunds that were done: who had paid, the hotel, and who asked for it there; each once.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tender_domain::kernel::{Change, Currency, Id, IntentId, Metadata, Money, RefundId, Save};
use tender_domain::notices::{NewRefundNotice, NoticeReader, RefundNotice};
use tender_domain::ports::{Clock, Notice, NoticeChannel, NotifyError};
use tender_events::RefundProcessed;
use tender_intents::RefundNotices;
use uuid::Uuid;

use crate::hotels::{PAYMENTS, at_the_page, wanted};
use crate::links;
use crate::refunds_told::{failed, refund, tell};
use crate::rig::{Answer, CUSTOMER, INTENTS, Process, World, acme, payment, with};

const DESK: &str = "desk@hotel.example";
const BEN: &str = "ben@hotel.example";

impl Process {
    /// One round of the worker that tells of refunds: how many messages were tried.
    async fn tell_of_refunds(&self) -> usize {
        let worker = RefundNotices::new(self.service.clone(), Duration::from_secs(1));
        worker.run_once().await.expect("what is due can be read")
    }
}

/// Of a payment in EUR.
fn done(world: &World, payment: Uuid, number: u128, minor: i64) -> RefundProcessed {
    let amount = Money::new(minor, Currency::EUR);
    RefundProcessed {
        amount: amount.to_decimal(),
        currency: Currency::EUR,
        ..refund(world, payment, number, minor)
    }
}

fn by(agent: &str, event: RefundProcessed) -> RefundProcessed {
    let entries = [("channel", "AGENT"), ("agent_id", agent), ("reason", "the room was not ready")];
    let entries = entries.map(|(name, value)| (name.to_owned(), value.to_owned()));
    RefundProcessed { metadata: Metadata::new(entries.into()).expect("short"), ..event }
}

/// A payment of a stay that its guest has made, and its id.
async fn paid_stay(world: &World, process: &Process) -> (Answer, Uuid) {
    let stay = process.post(PAYMENTS, "stay", wanted()).await;
    assert!(at_the_page(world, &stay, "success").await);
    let path = format!("{PAYMENTS}/{}/notify", stay.text("payment_id"));
    process.call(actix_web::test::TestRequest::post().uri(&path)).await;
    let id = Uuid::try_parse(stay.text("payment_id")).expect("a UUID");
    (stay, id)
}

async fn settings(process: &Process, body: &Value) -> Answer {
    let request = actix_web::test::TestRequest::put().uri("/hotels/hotels/hotel-1/settings").set_json(body);
    process.call(process.signed(request, "acme", CUSTOMER, "admin")).await
}

/// What the hotel's client sees of the messages of refunds.
async fn shown(process: &Process, stay: &Answer) -> Vec<Value> {
    let record = process.get(&format!("{PAYMENTS}/{}", stay.text("payment_id"))).await.json;
    let all = record["notifications"].as_array().expect("a list").clone();
    all.into_iter().filter(|told| !told["refund_id"].is_null()).collect()
}

fn text(notice: &Notice) -> &str {
    notice.text.expose_secret()
}

#[tokio::test]
async fn guest_hotel_and_agent_are_each_told_once_of_a_refund() {
    let world = World::new();
    let process = world.process();
    let agents = json!([{ "agent_id": "usr_ben", "email": BEN }]);
    let set = settings(&process, &json!({ "notification_emails": [DESK], "agents": agents })).await;
    assert_eq!((set.status, &set.json["agents"]), (200, &agents), "{}", set.json);
    let (stay, id) = paid_stay(&world, &process).await;
    tell(&process, by("usr_ben", done(&world, id, 7, 4_050))).await;
    let asked = world.told("notification.requested");
    let templates: Vec<&str> = asked.iter().filter_map(|asked| asked["template"].as_str()).collect();
    assert_eq!(templates, ["refund", "refund_hotel", "refund_agent"]);
    assert_eq!((&asked[0]["locale"], &asked[1]["locale"]), (&json!("de"), &Value::Null));
    assert_eq!(asked[0]["subjectId"], json!(RefundId::from_uuid(Uuid::from_u128(7)).to_string()));
    assert!(!format!("{asked:?}").contains('@'), "no event has an address: {asked:?}");

    let (first, other) = tokio::join!(process.tell_of_refunds(), process.tell_of_refunds());
    assert!(first + other >= 3);
    let mails = world.mailer.taken();
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    let count = |address| to.iter().filter(|to| **to == address).count();
    assert_eq!((to.len(), count("ada@example.com"), count(DESK), count(BEN)), (3, 1, 1, 1), "{to:?}");
    let mail = |address| mails.iter().find(|mail| mail.to == address).expect("it was sent");
    let guest = mail("ada@example.com");
    assert_eq!(guest.subject, "ABC123: 40,50 EUR erstattet");
    assert!(text(guest).starts_with("Guten Tag Ada Example,") && text(guest).contains("40,50 EUR"));
    assert!(!text(guest).contains("not ready"), "why is the hotel's: {}", text(guest));
    for address in [DESK, BEN] {
        let told = text(mail(address));
        let says = |word: &str| told.contains(word);
        assert!(says("40.50 EUR") && says("ABC123") && says("Ada Example") && says("not ready"), "{told}");
    }
    let shown = shown(&process, &stay).await;
    let of = |reader: &str| shown.iter().find(|told| told["reader"] == reader).expect("it is shown");
    for (reader, address) in [("GUEST", "ada@example.com"), ("HOTEL", DESK), ("AGENT", BEN)] {
        let told = of(reader);
        assert_eq!((&told["status"], &told["address"]), (&json!("sent"), &json!(address)), "{told}");
        assert_eq!((&told["refund_id"], &told["send_by"]), (&json!(Uuid::from_u128(7)), &json!("EMAIL")));
    }
    tell(&process, by("usr_ben", done(&world, id, 7, 4_050))).await;
    assert_eq!(process.tell_of_refunds().await, 0, "once");
    tell(&process, by("usr_nobody", done(&world, id, 8, 100))).await;
    assert_eq!(
        process.tell_of_refunds().await,
        2,
        "another refund is told, and nobody knows where its agent is"
    );
}

#[tokio::test]
async fn one_address_has_one_message_of_a_refund_whoever_it_is() {
    let world = World::new();
    let process = world.process();
    let body = json!({ "notification_emails": [DESK, "ada@example.com"],
                       "agents": [{ "agent_id": "usr_ben", "email": DESK }] });
    assert_eq!(settings(&process, &body).await.status, 200);
    let (stay, id) = paid_stay(&world, &process).await;
    tell(&process, by("usr_ben", done(&world, id, 7, 4_050))).await;
    let readers: Vec<Value> =
        shown(&process, &stay).await.iter().map(|told| told["reader"].clone()).collect();
    assert_eq!(readers, ["GUEST", "HOTEL"]);
}

#[tokio::test]
async fn who_pays_by_link_and_who_is_billed_are_told_where_their_address_is_known() {
    let world = World::new();
    let process = world.process();
    let (made, path) = links::link(&process, "k", links::wanted()).await;
    let form = links::sent(&world, &process, (&made, &path), "tok_visa").await;
    links::post(&process, &format!("{path}/confirm"), &form).await;
    let by_link = world.intents().await[0].id.uuid();
    let contact = json!({ "name": "Bo", "email": "bo@example.com", "phone": "+49 30 123456" });
    let billed = with(payment("tok_visa"), "billing_details", contact);
    let billed = with(
        billed,
        "device",
        json!({ "browser": { "accept_header": "text/html", "language": "fr-CH",
        "color_depth": 24, "timezone_offset": -60, "javascript_enabled": true } }),
    );
    let billed = process.post(INTENTS, "billed", billed).await;
    billed.is(201, "succeeded");
    let unknown = process.pay("tok_visa").await;
    let id = |answer: &Answer| answer.text("id").parse::<IntentId>().expect("an id").uuid();
    tell(&process, done(&world, by_link, 1, 500)).await;
    tell(&process, done(&world, id(&billed), 2, 500)).await;
    let credit =
        RefundProcessed { refund_method: "store_credit".to_owned(), ..done(&world, id(&billed), 3, 100) };
    tell(&process, credit).await;
    tell(&process, done(&world, id(&unknown), 4, 500)).await;
    tell(&process, failed(done(&world, id(&billed), 5, 500), false)).await;
    // Taken back, and that is told first.
    tell(&process, failed(done(&world, id(&billed), 6, 500), true)).await;
    tell(&process, done(&world, id(&billed), 6, 500)).await;
    assert_eq!(
        process.tell_of_refunds().await,
        3,
        "nobody knows where the others are, and nothing failed is told"
    );
    let mails = world.mailer.taken();
    let of = |what: &str| mails.iter().find(|mail| text(mail).contains(what)).map(|mail| mail.to.as_str());
    assert_eq!(of("we have given back 5.00 EUR for: Deposit <b>"), Some("ann@example.org"));
    assert_eq!(of("nous vous avons remboursé 5,00 EUR"), Some("bo@example.com"));
    assert_eq!(of("un avoir de 1,00 EUR"), Some("bo@example.com"), "credit is called so");
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_asked_again_and_given_up_in_the_open_and_is_never_in_the_refunds_way()
{
    let world = World::new();
    let process = world.process();
    let (stay, id) = paid_stay(&world, &process).await;
    world.mailer.fail(NotifyError::Unavailable("it is down".to_owned()));
    tell(&process, done(&world, id, 7, 4_050)).await;
    let record = process.get(&format!("{PAYMENTS}/{}", stay.text("payment_id"))).await.json;
    assert_eq!(record["amount_refunded"].to_string(), "40.50");
    assert_eq!(process.tell_of_refunds().await, 1);
    let waits = shown(&process, &stay).await;
    assert_eq!((&waits[0]["status"], &waits[0]["failures"]), (&json!("requested"), &json!(1)));
    assert_eq!(process.tell_of_refunds().await, 0, "not at once");
    let restarted = world.process();
    for _ in 0..100 {
        world.wait(3_600);
        restarted.tell_of_refunds().await;
    }
    let lost = shown(&process, &stay).await;
    assert_eq!((&lost[0]["status"], &lost[0]["problem"]), (&json!("failed"), &json!("it is down")));
    let alerts = world.told("alert.raised");
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("notice_undeliverable")), "{alerts:?}");
    let detail = alerts[0]["detail"].as_str().expect("a text");
    assert!(detail.contains("to the payer about refund rf_") && !detail.contains('@'), "{detail}");
}

#[tokio::test]
async fn who_was_told_before_is_not_told_again_and_the_refund_counts() {
    let world = World::new();
    let process = world.process();
    let (stay, id) = paid_stay(&world, &process).await;
    let event = done(&world, id, 7, 4_050);
    let told = NewRefundNotice {
        id: Id::from_uuid(Uuid::from_u128(70)),
        reader: NoticeReader::Payer,
        channel: NoticeChannel::Email,
        address: "ada@example.com".to_owned(),
        subject: "told".to_owned(),
        body: "told".to_owned(),
    };
    let notice = RefundNotice::of(acme(), (event.intent_id, event.refund_id), told, world.clock.now());
    let before = Change::of(acme()).save(Save::<RefundNotice>::new(notice));
    let _ = world.store.commit(before).await.expect("it is kept");
    tell(&process, event).await;
    let record = process.get(&format!("{PAYMENTS}/{}", stay.text("payment_id"))).await.json;
    assert_eq!(record["amount_refunded"].to_string(), "40.50", "{record}");
    assert_eq!((shown(&process, &stay).await.len(), process.tell_of_refunds().await), (1, 1));
}

#[tokio::test]
async fn what_is_wrong_with_a_hotels_agents_is_said_and_nothing_is_set() {
    let world = World::new();
    let process = world.process();
    let ben = json!({ "agent_id": "usr_ben", "email": BEN });
    for agents in [
        json!([ben, ben]),
        json!([{ "agent_id": "usr_ben", "email": "nobody" }]),
        json!([{ "agent_id": "", "email": BEN }]),
        Value::Array((0..101).map(|n| json!({ "agent_id": format!("u{n}"), "email": BEN })).collect()),
    ] {
        let refused = settings(&process, &json!({ "agents": agents })).await;
        assert_eq!((refused.status, refused.text("field")), (400, "agents"), "{}", refused.json);
    }
    assert_eq!(process.get("/hotels/hotels/hotel-1/settings").await.json["version"], 0);
}
