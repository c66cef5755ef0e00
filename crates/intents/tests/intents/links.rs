//! Payment links: their routes, and the page behind them as a browser without scripts sees it.

use std::collections::HashMap;
use std::sync::Mutex;

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use async_trait::async_trait;
use serde_json::{Value, json};
use tender_domain::kernel::{PaymentLinkId, TenantId};
use tender_domain::ports::{CardForm, CardFormError, CardForms, Clock, FormMethod};

use crate::concurrency::postgres;
use crate::rig::{Answer, CUSTOMER, Process, World, acme, method};

pub(crate) const LINKS: &str = "/v1/payments/payment-links";

/// The vault's card forms: a ticket is the form's nonce, and a test says which card was sent by it.
#[derive(Default)]
pub(crate) struct TestForms {
    sent: Mutex<HashMap<String, FormMethod>>,
}

#[async_trait]
impl CardForms for TestForms {
    async fn ticket(&self, form: &CardForm) -> Result<String, CardFormError> {
        Ok(form.nonce.clone())
    }

    async fn method(
        &self,
        tenant: &TenantId,
        link: PaymentLinkId,
        nonce: &str,
    ) -> Result<Option<FormMethod>, CardFormError> {
        assert_eq!(*tenant, acme());
        let sent = self.sent.lock().expect("no holder panics");
        Ok(sent.get(&format!("{link}/{nonce}")).cloned())
    }
}

impl TestForms {
    pub(crate) fn send(&self, link: &str, nonce: &str, token: &str) {
        let sent = FormMethod {
            id: method(token).parse().expect("an id"),
            brand: "VISA".to_owned(),
            last4: "4242".to_owned(),
        };
        self.sent.lock().expect("no holder panics").insert(format!("{link}/{nonce}"), sent);
    }
}

/// What a browser gets.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) to: String,
    pub(crate) policy: String,
    pub(crate) html: String,
}

impl Page {
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.status == 200 && self.html.contains(text), "{text}: {} {}", self.status, self.html);
        self
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let (_, after) =
            self.html.split_once(&format!("name=\"{name}\" value=\"")).expect("the field is there");
        after.split('"').next().expect("a value").to_owned()
    }
}

pub(crate) async fn browse(process: &Process, request: TestRequest) -> Page {
    let app = init_service(process.application.app()).await;
    let response = call_service(&app, request.to_request()).await;
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (to, policy) = (header("location"), header("content-security-policy"));
    let status = response.status().as_u16();
    let html = String::from_utf8(read_body(response).await.to_vec()).expect("UTF-8");
    Page { status, to, policy, html }
}

pub(crate) async fn get(process: &Process, path: &str) -> Page {
    browse(process, TestRequest::get().uri(path)).await
}

pub(crate) async fn post(process: &Process, path: &str, form: &str) -> Page {
    post_from(process, path, form, |request| request).await
}

/// The same from where `from` says.
pub(crate) async fn post_from(
    process: &Process,
    path: &str,
    form: &str,
    from: impl FnOnce(TestRequest) -> TestRequest,
) -> Page {
    browse(process, from(TestRequest::post().uri(path).set_form([("form", form)]))).await
}

pub(crate) fn wanted() -> Value {
    json!({
        "amount": 15_000, "currency": "EUR", "description": "Deposit <b>", "order_ref": "o1", "customer_id": CUSTOMER,
        "details": [{ "label": "Room", "value": "Double" }], "guest": { "name": "Ann", "email": "ann@example.org" },
    })
}

/// A link, and the path of its page.
pub(crate) async fn link(process: &Process, key: &str, body: Value) -> (Answer, String) {
    let made = process.post(LINKS, key, body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let path = made.text("url").strip_prefix("https://pay.example").expect("the public address").to_owned();
    (made, path)
}

/// A new form of the page, by which a card was sent.
pub(crate) async fn sent(
    world: &World,
    process: &Process,
    (link, path): (&Answer, &str),
    token: &str,
) -> String {
    let nonce = get(process, path).await.hidden("ticket");
    world.cards.send(link.text("id"), &nonce, token);
    nonce
}

async fn read(process: &Process, link: &Answer) -> Value {
    let request = TestRequest::get().uri(&format!("{LINKS}/{}", link.text("id")));
    process.call(process.signed(request, "acme", CUSTOMER, "admin")).await.json
}

#[tokio::test]
async fn a_link_is_paid_on_its_page_looked_over_first_and_completed_with_its_payment() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    let page = get(&process, &path).await;
    page.shows("150.00").shows("Deposit &#60;b&#62;").shows("Room").shows("Test mode");
    assert!(page.html.contains(&format!("action=\"{path}/card\"")), "card data goes to the vault's route");
    assert!(page.policy.starts_with("default-src 'none'; style-src 'self';"), "{}", page.policy);
    assert!(!page.html.contains("<script") && !page.html.contains("style="), "{}", page.html);

    let nonce = sent(&world, &process, (&made, &path), "tok_visa").await;
    let review = get(&process, &format!("{path}/review?form={nonce}")).await;
    review.shows("4242").shows("Pay 150.00 EUR");
    assert_eq!(world.line.calls(), 0, "nothing is paid by looking");
    let paid = post(&process, &format!("{path}/confirm"), &review.hidden("form")).await;
    assert_eq!((paid.status, paid.to.starts_with(&path)), (303, true), "{}", paid.to);
    get(&process, &paid.to).await.shows("Thank you, it is paid");

    let completed = read(&process, &made).await;
    assert_eq!((&completed["status"], &completed["version"]), (&json!("completed"), &json!(3)));
    let intent = process.read(completed["payment_intent_id"].as_str().expect("its intent")).await;
    assert_eq!(intent["metadata"]["payment_link_id"], made.json["id"]);
    assert_eq!((&intent["status"], &intent["order_ref"]), (&json!("succeeded"), &json!("o1")));
    world.check_books().await;
}

async fn a_form_that_is_sent_many_times_and_two_tabs_charge_once(world: &World) {
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    let first = sent(world, &process, (&made, &path), "tok_visa").await;
    let second = sent(world, &process, (&made, &path), "tok_amex").await;
    let confirm = format!("{path}/confirm");
    // As a browser's person does: whoever is told that it is busy sends again, at most forty times:
    // a machine with much else to do is busy for long.
    let sends = (0..20).map(|number| {
        let form = if number % 2 == 0 { &first } else { &second };
        let (process, confirm) = (&process, &confirm);
        async move {
            for _ in 0..40 {
                let answer = post(process, confirm, form).await;
                if answer.status != 503 {
                    return answer;
                }
            }
            post(process, confirm, form).await
        }
    });
    for answer in futures_util::future::join_all(sends).await {
        assert_eq!(answer.status, 303, "{}", answer.html);
    }
    get(&process, &path).await.shows("it is paid");
    assert_eq!((world.line.calls(), world.booked().await.len(), world.intents().await.len()), (1, 1, 1));
    world.check_books().await;
}

#[tokio::test]
async fn many_sends_charge_once_in_memory() {
    a_form_that_is_sent_many_times_and_two_tabs_charge_once(&World::new()).await;
}

#[tokio::test]
async fn many_sends_charge_once_in_postgres() {
    let (world, _database) = postgres().await;
    a_form_that_is_sent_many_times_and_two_tabs_charge_once(&world).await;
}

#[tokio::test]
async fn a_link_for_many_is_paid_by_each_form_once() {
    let world = World::new();
    let process = world.process();
    let mut body = wanted();
    body["usage"] = json!("multiple");
    let (made, path) = link(&process, "k", body).await;
    for token in ["tok_visa", "tok_amex"] {
        let nonce = sent(&world, &process, (&made, &path), token).await;
        for _ in 0..2 {
            let paid = post(&process, &format!("{path}/confirm"), &nonce).await;
            get(&process, &paid.to).await.shows("Thank you, it is paid");
        }
    }
    assert_eq!(world.line.calls(), 2);
    get(&process, &path).await.shows("Card number");
    assert_eq!(read(&process, &made).await["status"], "active");
    world.check_books().await;
}

#[tokio::test]
async fn a_declined_card_leads_back_to_the_form_with_the_reason_and_another_card_pays() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    let nonce = sent(&world, &process, (&made, &path), "tok_insufficient_funds").await;
    let declined = post(&process, &format!("{path}/confirm"), &nonce).await;
    get(&process, &declined.to).await.shows("the payment was not made").shows("role=\"alert\"");
    let nonce = sent(&world, &process, (&made, &path), "tok_visa").await;
    let paid = post(&process, &format!("{path}/confirm"), &nonce).await;
    get(&process, &paid.to).await.shows("it is paid");
    assert_eq!(world.intents().await.len(), 1, "the same intent, tried twice");
    world.check_books().await;
}

#[tokio::test]
async fn a_challenge_leads_to_the_bank_and_back() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    let nonce = sent(&world, &process, (&made, &path), "tok_challenge").await;
    let asked = post(&process, &format!("{path}/confirm"), &nonce).await;
    let page = get(&process, &asked.to).await;
    let back = format!("return_url=https%3A%2F%2Fpay.example{}%2Freturn", path.replace('/', "%2F"));
    page.shows("Continue to your bank").shows(&back);
    let returned = get(&process, &format!("{path}/return?form={nonce}&result=success")).await;
    assert_eq!(returned.status, 303);
    get(&process, &returned.to).await.shows("it is paid");
    let twice = get(&process, &format!("{path}/return?result=failed")).await;
    assert_eq!(twice.status, 303);
    get(&process, &path).await.shows("it is paid");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn an_outcome_that_is_not_known_is_said_and_nothing_more_can_be_sent() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    world.line.set(crate::gateway::Fault::LosesAnswer);
    let nonce = sent(&world, &process, (&made, &path), "tok_visa").await;
    post(&process, &format!("{path}/confirm"), &nonce).await;
    world.line.set(crate::gateway::Fault::None);
    let page = get(&process, &path).await;
    page.shows("We are waiting for your bank").shows("http-equiv=\"refresh\"");
    assert!(!page.html.contains("<form"), "{}", page.html);
    let cancel = process.post(&format!("{LINKS}/{}/cancel", made.text("id")), "c", json!({})).await;
    cancel.is_problem(409, "payment_link_status");
    world.wait(60);
    process.recover().await;
    get(&process, &path).await.shows("it is paid");
    world.check_books().await;
}

#[tokio::test]
async fn what_expired_or_was_taken_back_says_so_and_takes_no_money() {
    let world = World::new();
    let process = world.process();
    let (canceled, canceled_path) = link(&process, "a", wanted()).await;
    let nonce = sent(&world, &process, (&canceled, &canceled_path), "tok_visa").await;
    let path = format!("{LINKS}/{}/cancel", canceled.text("id"));
    assert_eq!(process.post(&path, "c", json!({})).await.json["status"], "canceled");
    assert_eq!(process.post(&path, "c2", json!({})).await.status, 200, "twice is once");
    post(&process, &format!("{canceled_path}/confirm"), &nonce).await;
    get(&process, &canceled_path).await.shows("This link was withdrawn");

    let (expired, expired_path) = link(&process, "b", wanted()).await;
    let nonce = sent(&world, &process, (&expired, &expired_path), "tok_visa").await;
    world.wait(8 * 86_400);
    post(&process, &format!("{expired_path}/confirm"), &nonce).await;
    get(&process, &expired_path).await.shows("This link has expired");
    assert_eq!(read(&process, &expired).await["status"], "expired");
    assert_eq!(world.line.calls(), 0);
    let end = (world.clock.now() + chrono::TimeDelta::days(1)).to_rfc3339();
    let path = format!("{LINKS}/{}", expired.text("id"));
    let prolonged = process.post(&path, "p", json!({ "expires_at": end })).await;
    assert_eq!((prolonged.status, &prolonged.json["status"]), (200, &json!("active")), "{}", prolonged.json);
    post(&process, &format!("{expired_path}/confirm"), &nonce).await;
    get(&process, &expired_path).await.shows("it is paid");
}

#[tokio::test]
async fn a_form_of_another_link_or_of_nobody_pays_nothing() {
    let world = World::new();
    let process = world.process();
    let (one, one_path) = link(&process, "a", wanted()).await;
    let (_, other_path) = link(&process, "b", wanted()).await;
    let nonce = sent(&world, &process, (&one, &one_path), "tok_visa").await;
    for form in [nonce.as_str(), "", "../x", "%"] {
        assert_eq!(post(&process, &format!("{other_path}/confirm"), form).await.status, 404, "{form}");
    }
    for path in ["/pay/x", "/pay/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/pay/x/return?result=success"]
    {
        let page = get(&process, path).await;
        assert_eq!((page.status, page.html.contains("There is no payment here")), (404, true), "{path}");
    }
    assert_eq!((world.line.calls(), world.intents().await.len()), (0, 0));
}

#[tokio::test]
async fn links_are_listed_and_another_tenants_do_not_exist_and_no_token_is_kept() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "a", wanted()).await;
    let again = process.post(LINKS, "a", wanted()).await;
    assert_eq!((again.replayed, &again.json), (true, &made.json));
    let mut other = wanted();
    other["order_ref"] = json!("o2");
    let (second, _) = link(&process, "b", other).await;
    let list = |query: &str| TestRequest::get().uri(&format!("{LINKS}{query}"));
    let all = process.call(process.signed(list(""), "acme", "ops", "admin")).await;
    assert_eq!(
        (&all.json["data"][0]["id"], &all.json["data"][1]["id"]),
        (&second.json["id"], &made.json["id"])
    );
    let of_order = process.call(process.signed(list("?order_ref=o2"), "acme", "ops", "admin")).await;
    assert_eq!(of_order.json["data"].as_array().map(Vec::len), Some(1));
    let theirs = process.call(process.signed(list(""), "other", "ops", "admin")).await;
    assert_eq!(theirs.json["data"], json!([]));
    let read = TestRequest::get().uri(&format!("{LINKS}/{}", made.text("id")));
    process.call(process.signed(read, "other", "ops", "admin")).await.is_problem(404, "not_found");
    let bad = process.post(LINKS, "bad", json!({ "amount": 0, "currency": "EUR" })).await;
    bad.is_problem(400, "invalid_amount");
    let token = path.strip_prefix("/pay/").expect("the page's path");
    let kept = world.links.payment_link(&acme(), made.text("id").parse().expect("an id")).await;
    assert!(!format!("{kept:?}").contains(token), "only its hash is kept");
}
