//! Links are sent to their guests: once for each request, also when the process ends in between.

use std::sync::Mutex;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::json;
use tender_domain::kernel::PaymentLinkId;
use tender_domain::ports::{Consumer, HandleError, Notice, NoticeChannel, Notifier, NotifyError};
use tender_intents::LinkNotifications;

use crate::rig::{Answer, Process, World, acme};

const LINKS: &str = "/v1/payments/payment-links";

/// A mail server that keeps what it took, and can be told to fail.
#[derive(Default)]
pub(crate) struct Mailer {
    taken: Mutex<Vec<Notice>>,
    fails_with: Mutex<Option<NotifyError>>,
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
        self.taken.lock().expect("no holder panics").push(notice.clone());
        Ok(())
    }
}

impl Mailer {
    fn fail(&self, error: impl Into<Option<NotifyError>>) {
        *self.fails_with.lock().expect("no holder panics") = error.into();
    }

    fn taken(&self) -> Vec<Notice> {
        self.taken.lock().expect("no holder panics").clone()
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

/// Hands all events on, as the outbox does after a start: from the beginning.
async fn follow(world: &World, process: &Process) -> Result<(), HandleError> {
    let consumer = LinkNotifications(process.service.clone());
    for message in world.memory.as_ref().expect("a store in memory").messages() {
        if consumer.topics().contains(&message.topic) {
            consumer.handle(&message).await?;
        }
    }
    Ok(())
}

async fn status(world: &World, sent: &Answer) -> (String, Option<String>) {
    let id = sent.json["notifications"][0]["id"].as_str().expect("an id").parse().expect("an id");
    let sending = world.links.link_sending(&acme(), id).await.expect("it can be read").expect("it is there");
    (sending.status.as_str().to_owned(), sending.problem)
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
    assert!(world.mailer.taken().is_empty(), "it goes through the outbox");
    for _ in 0..3 {
        follow(&world, &process).await.expect("it is handled");
    }
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
    follow(&world, &process).await.expect("it is handled");
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
    let waits = follow(&world, &process).await;
    assert!(matches!(waits, Err(HandleError::Retry(_))), "{waits:?}");
    assert_eq!(status(&world, &sent).await.0, "requested");
    world.mailer.fail(None);
    let restarted = world.process();
    follow(&world, &restarted).await.expect("it is handled");
    assert_eq!((world.mailer.taken().len(), status(&world, &sent).await.0), (1, "sent".to_owned()));

    let second = send(&process, &made, "s2", json!(["email"])).await;
    world.mailer.fail(NotifyError::Refused("no such mailbox".to_owned()));
    follow(&world, &process).await.expect("it is handled");
    assert_eq!(status(&world, &second).await, ("failed".to_owned(), Some("no such mailbox".to_owned())));
    world.mailer.fail(None);
    follow(&world, &process).await.expect("it is handled");
    assert_eq!(world.mailer.taken().len(), 1, "what was refused is not tried again");
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
