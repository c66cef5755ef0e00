//! Links are sent to their guests: once for each request, also when the process ends in between.

use std::sync::Mutex;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::json;
use tender_domain::kernel::PaymentLinkId;
use tender_domain::ports::{Notice, NoticeChannel, Notifier, NotifyError};
use tender_intents::LinkSendings;

use crate::rig::{Answer, Process, World, acme};

const LINKS: &str = "/v1/payments/payment-links";

/// A mail server that keeps what it took, and can be told to fail.
#[derive(Default)]
pub(crate) struct Mailer {
    taken: Mutex<Vec<Notice>>,
    fails_with: Mutex<Option<NotifyError>>,
    fails_for: Mutex<Option<String>>,
}

#[async_trait]
impl Notifier for Mailer {
    fn channel(&self) -> NoticeChannel {
        NoticeChannel::Email
    }

    async fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        if let Some(error) = self.fails_with.lock().expect("no holder panics").clone() {
            return Err(error);
        }
        if self.fails_for.lock().expect("no holder panics").as_ref() == Some(&notice.to) {
            return Err(NotifyError::Unavailable("the mailbox does not answer".to_owned()));
        }
        self.taken.lock().expect("no holder panics").push(notice.clone());
        Ok(())
    }
}

impl Mailer {
    pub(crate) fn fail(&self, error: impl Into<Option<NotifyError>>) {
        *self.fails_with.lock().expect("no holder panics") = error.into();
    }

    /// From now on nobody can be reached there.
    fn fail_for(&self, address: &str) {
        *self.fails_for.lock().expect("no holder panics") = Some(address.to_owned());
    }

    pub(crate) fn taken(&self) -> Vec<Notice> {
        self.taken.lock().expect("no holder panics").clone()
    }
}

impl Process {
    /// One round of the worker that sends links: how many messages were tried.
    pub(crate) async fn send_links(&self) -> usize {
        let worker = LinkSendings::new(self.service.clone(), std::time::Duration::from_secs(1));
        worker.run_once().await.expect("what is due can be read")
    }
}

async fn link(process: &Process, guest: serde_json::Value) -> Answer {
    let body = json!({ "amount": 15_000, "currency": "EUR", "description": "Deposit", "guest": guest });
    let made = process.post(LINKS, &format!("k{}", guest.to_string().len()), body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    made
}

async fn send(process: &Process, link: &Answer, key: &str, channels: serde_json::Value) -> Answer {
    process.post(&format!("{LINKS}/{}/send", link.text("id")), key, json!({ "channels": channels })).await
}

async fn status(world: &World, sent: &Answer) -> (String, Option<String>) {
    let id = sent.json["notifications"][0]["id"].as_str().expect("an id").parse().expect("an id");
    let sending = world.links.link_sending(&acme(), id).await.expect("it can be read").expect("it is there");
    (sending.dispatch.status.as_str().to_owned(), sending.dispatch.problem)
}

#[tokio::test]
async fn a_link_is_sent_once_for_each_request_however_often_the_event_comes() {
    let world = World::new();
    let process = world.process();
    let made = link(&process, json!({ "name": "Ann", "email": "ann@example.org" })).await;
    let sent = send(&process, &made, "s1", json!(["email", "email"])).await;
    assert_eq!(
        (sent.status, &sent.json["notifications"][0]["status"]),
        (202, &json!("requested")),
        "{}",
        sent.json
    );
    let again = send(&process, &made, "s1", json!(["email", "email"])).await;
    assert_eq!((again.replayed, &again.json), (true, &sent.json));
    assert!(world.mailer.taken().is_empty(), "the request does not wait for the mail server");
    let (first, other) = tokio::join!(process.send_links(), process.send_links());
    assert!(first + other >= 1, "both looked, one of them took it");
    assert_eq!(process.send_links().await, 0, "it is sent");
    let taken = world.mailer.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(
        (taken[0].to.as_str(), taken[0].id.to_string()),
        ("ann@example.org", sent.json["notifications"][0]["id"].as_str().expect("an id").to_owned())
    );
    let text = taken[0].text.expose_secret();
    assert!(text.contains("Dear Ann") && text.contains(made.text("url")), "{text}");
    assert_eq!(status(&world, &sent).await, ("sent".to_owned(), None));

    send(&process, &made, "s2", json!(["email"])).await;
    process.send_links().await;
    assert_eq!(world.mailer.taken().len(), 2, "another request is another message");
    let token = made.text("url").rsplit('/').next().expect("a token").to_owned();
    let messages = world.memory.as_ref().expect("a store in memory").messages();
    assert!(messages.iter().all(|message| !message.data.contains(&token)), "no event holds the token");
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_asked_again_also_after_a_restart_and_a_refusal_is_final() {
    let world = World::new();
    let process = world.process();
    let made = link(&process, json!({ "email": "ann@example.org" })).await;
    let sent = send(&process, &made, "s1", json!(["email"])).await;
    world.mailer.fail(NotifyError::Unavailable("it is down".to_owned()));
    assert_eq!(process.send_links().await, 1);
    assert_eq!(status(&world, &sent).await, ("requested".to_owned(), Some("it is down".to_owned())));
    assert_eq!(process.send_links().await, 0, "it is not asked again at once");
    world.mailer.fail(None);
    let restarted = world.process();
    world.wait(6);
    assert_eq!(restarted.send_links().await, 1);
    assert_eq!((world.mailer.taken().len(), status(&world, &sent).await.0), (1, "sent".to_owned()));
    assert!(world.told("alert.raised").is_empty());

    let second = send(&process, &made, "s2", json!(["email"])).await;
    world.mailer.fail(NotifyError::Refused("no such mailbox".to_owned()));
    process.send_links().await;
    assert_eq!(status(&world, &second).await, ("failed".to_owned(), Some("no such mailbox".to_owned())));
    world.mailer.fail(None);
    world.wait(24 * 3_600);
    assert_eq!(process.send_links().await, 0, "what was refused is not tried again");
    let alerts = world.told("alert.raised");
    assert_eq!(alerts.len(), 1, "a person is told: {alerts:?}");
    assert_eq!(alerts[0]["code"], "notice_undeliverable");
    assert!(!alerts[0].to_string().contains("ann@example.org"), "whom it was for is nobody's business");
}

#[tokio::test]
async fn a_message_that_can_never_be_delivered_holds_up_no_other_and_ends_in_the_open() {
    let world = World::new();
    let process = world.process();
    let expires_at = (world.now() + std::time::Duration::from_secs(30 * 24 * 3_600)).to_rfc3339();
    let to = |email: &str| json!({ "email": email });
    let body = json!({ "amount": 15_000, "currency": "EUR", "guest": to("stuck@example.org"),
                       "expires_at": expires_at });
    let stuck = process.post(LINKS, "stuck", body).await;
    let never = send(&process, &stuck, "s1", json!(["email"])).await;
    world.mailer.fail_for("stuck@example.org");
    let made = link(&process, to("ann@example.org")).await;
    let sent = send(&process, &made, "s2", json!(["email"])).await;
    assert_eq!(process.send_links().await, 2);
    assert_eq!(status(&world, &sent).await.0, "sent", "the one before it does not hold it up");
    assert_eq!(status(&world, &never).await.0, "requested");
    let mut tries = 1;
    while status(&world, &never).await.0 == "requested" {
        world.wait(3_600);
        tries += process.send_links().await;
        assert!(tries < 100, "it is given up in the end");
    }
    let (ended, why) = status(&world, &never).await;
    assert_eq!((&*ended, why.is_some()), ("failed", true), "{why:?}");
    assert_eq!(world.told("alert.raised").len(), 1);
    let shown = process.get(&format!("{LINKS}/{}", stuck.text("id"))).await;
    let sending = &shown.json["notifications"][0];
    assert_eq!((&sending["status"], sending["problem"].is_string()), (&json!("failed"), true), "{sending}");
}

#[tokio::test]
async fn a_link_that_can_no_longer_be_paid_is_not_sent_any_more() {
    let world = World::new();
    let process = world.process();
    let made = link(&process, json!({ "email": "ann@example.org" })).await;
    let sent = send(&process, &made, "s1", json!(["email"])).await;
    process.post(&format!("{LINKS}/{}/cancel", made.text("id")), "x", json!({})).await;
    process.send_links().await;
    assert!(world.mailer.taken().is_empty());
    assert_eq!(status(&world, &sent).await.0, "failed");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_nothing_is_asked_for() {
    let world = World::new();
    let process = world.process();
    let silent = link(&process, json!({ "name": "Ann" })).await;
    send(&process, &silent, "a", json!(["email"])).await.is_problem(422, "recipient_required");
    send(&process, &silent, "b", json!([])).await.is_problem(400, "channel_required");
    let made = link(&process, json!({ "email": "ann@example.org", "phone": "+49 30 1" })).await;
    send(&process, &made, "c", json!(["sms"])).await.is_problem(422, "channel_not_available");
    process.post(&format!("{LINKS}/{}/cancel", made.text("id")), "x", json!({})).await;
    send(&process, &made, "d", json!(["email"])).await.is_problem(409, "payment_link_status");
    assert!(world.told("notification.requested").is_empty());
    let id: PaymentLinkId = made.text("id").parse().expect("an id");
    assert!(world.links.payment_link(&acme(), id).await.expect("it can be read").is_some());
}
