//! Clients: each pays once and does what its plan says, repeating each request under its key until it has an answer.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::Request;
use actix_web::test::TestRequest;
use futures_util::future::LocalBoxFuture;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{Clock, RaiseEvent, SandboxEventKind, SandboxGateway};
use tokio::task::spawn_local;

use crate::dice::{Dice, WorldClock, noon};
use crate::state::{World, tenant};
use crate::vault::{CUSTOMER, method};

pub(crate) const JWT_SECRET: &str = "a shared secret of the world";

/// A running process, as a client reaches it.
pub(crate) type Door = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, (u16, Value)>>;

/// What a client does, the same in every life.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) number: u64,
    token: &'static str,
    pub(crate) amount: i64,
    pub(crate) manual: bool,
    /// After it is held: captures of these amounts, or a cancellation.
    captures: Vec<i64>,
    cancels: bool,
    /// Asks for the cancellation while it pays.
    pub(crate) cancels_meanwhile: bool,
    pub(crate) meets_challenge: bool,
    /// Tells the gateway's side instead of the shop's.
    pub(crate) by_callback: bool,
    refunds: Vec<i64>,
    begins_after: Duration,
    /// Pays in a session of an alternative payment method.
    in_session: bool,
    /// Somebody captures in the gateway's dashboard, while the client does what it does with what is held.
    captured_outside: bool,
    /// Of what is not captured by the client: it is captured by us, so much later.
    capture_delay: Option<Duration>,
    /// Leaves what it holds until it is let go.
    holds_on: bool,
    /// The customer comes back to a challenge only when it is as good as given up, or just was.
    dawdles: bool,
    /// The customer looks from two windows at once.
    two_windows: bool,
    /// When the payment can no longer be confirmed.
    expires_at: Option<Timestamp>,
}

const TOKENS: &[&str] = &[
    "tok_visa",
    "tok_visa",
    "tok_visa",
    "tok_mastercard",
    "tok_declined",
    "tok_challenge",
    "tok_challenge",
    "tok_challenge_fail",
    "tok_slow",
    "tok_soft_decline",
    "tok_3ds_frictionless",
    "tok_timeout_before",
    "tok_timeout_after",
    "tok_error",
    "tok_wrong_amount",
    "tok_server_error",
    "tok_malformed",
    "tok_lookup_fails",
    "tok_lookup_other_amount",
    "tok_challenge_answer_lost",
    "tok_callback_only",
    "tok_callback_late",
    "tok_callback_duplicate",
    "tok_callback_out_of_order",
    "tok_callback_before_answer",
    "tok_refund_pending",
    "tok_refund_pending",
    "tok_refund_fails",
    "tok_refund_taken_back",
    "tok_refund_retried",
    "tok_refund_needs_action",
    // Each meets little of the other: a disputed payment has to be paid first.
    "tok_dispute",
    "tok_dispute",
    "tok_dispute",
];

/// From here on outcomes are told by callback alone, or change after they were told.
const TOLD_LATER: usize = 20;

impl Plan {
    /// `at_own`: at an account of the tenant's own, of which no callback tells what happens later.
    pub(crate) fn new(number: u64, dice: &Dice, at_own: bool) -> Self {
        let tokens = if at_own { &TOKENS[..TOLD_LATER] } else { TOKENS };
        let amount = 1_000 + i64::try_from(dice.below(9_000)).unwrap_or(0);
        let manual = dice.percent(50);
        let part = amount / 3;
        let captures = match dice.below(4) {
            0 => vec![amount],
            1 => vec![part, amount - part],
            2 => vec![part],
            _ => vec![part, part, amount],
        };
        let refunds = match dice.below(4) {
            0 => vec![part],
            1 => vec![part, amount],
            2 => vec![amount],
            _ => Vec::new(),
        };
        Self {
            number,
            token: *dice.pick::<&'static str>(tokens),
            amount,
            manual,
            captures,
            cancels: dice.percent(30),
            cancels_meanwhile: dice.percent(15),
            meets_challenge: dice.percent(75),
            by_callback: dice.percent(40),
            refunds,
            begins_after: dice.moment(4_000),
            in_session: dice.percent(25),
            captured_outside: dice.percent(20),
            capture_delay: (!manual && dice.percent(30)).then(|| Duration::from_secs(60 + dice.below(840))),
            holds_on: dice.percent(20),
            dawdles: dice.percent(20),
            two_windows: dice.percent(50),
            expires_at: dice.percent(15).then(|| noon() + Duration::from_secs(300 + dice.below(2_700))),
        }
    }

    /// What is asked for, the same however often it is sent.
    pub(crate) fn body(&self) -> Value {
        json!({
            "amount": self.amount, "currency": "EUR", "customer_id": CUSTOMER,
            "capture_mode": if self.manual { "manual" } else { "auto" },
            "capture_delay_seconds": self.capture_delay.map(|delay| delay.as_secs()),
            "expires_at": self.expires_at,
        })
    }
}

/// A client at work.
pub(crate) struct Client {
    pub(crate) plan: Plan,
    pub(crate) door: Door,
    pub(crate) dice: Arc<Dice>,
    pub(crate) clock: Arc<WorldClock>,
    pub(crate) world: Arc<World>,
}

pub(crate) const INTENTS: &str = "/v1/payments/intents";
/// How often a request is repeated before the client gives up for this life.
const TRIES: u32 = 40;

impl Client {
    pub(crate) async fn work(self) {
        let plan = self.plan.clone();
        tokio::time::sleep(plan.begins_after).await;
        if plan.in_session {
            if let Some(intent) = self.pays_in_a_session().await {
                self.takes_and_gives_back(intent).await;
            }
            return;
        }
        let mut body = plan.body();
        body["confirm"] = true.into();
        body["payment_method_id"] = method(plan.token).into();
        let Some(paid) = self.until_answered(INTENTS, "pay", &body).await else { return };
        let Some(id) = paid["id"].as_str().map(str::to_owned) else { return };
        let path = format!("{INTENTS}/{id}");
        if plan.cancels_meanwhile {
            let _ = self.until_answered(&format!("{path}/cancel"), "cancel", &json!({})).await;
        }
        let mut intent = self.until_known(&path).await;
        if intent["status"] == "requires_action" && plan.meets_challenge {
            self.dawdles().await;
            if plan.by_callback {
                self.meets_at_the_gateway(&path).await;
            } else {
                let body = json!({ "result": if self.plan.number.is_multiple_of(3) { "failed" } else { "success" } });
                let told = self.until_answered(&format!("{path}/3ds/complete"), "complete", &body).await;
                self.is_not_asked_again(&id, told).await;
            }
            intent = self.until_known(&path).await;
        }
        self.takes_and_gives_back(intent).await;
    }

    /// What the plan does with a payment that was approved.
    async fn takes_and_gives_back(&self, mut intent: Value) {
        let plan = &self.plan;
        let Some(id) = intent["id"].as_str().map(str::to_owned) else { return };
        let path = format!("{INTENTS}/{id}");
        if intent["status"] == "requires_capture" && !plan.holds_on {
            tokio::join!(self.takes(&path), self.is_captured_in_the_dashboard(&id));
            intent = self.until_known(&path).await;
        }
        if let Some(delay) = plan.capture_delay.filter(|_| intent["status"] == "authorized") {
            self.leaves_it_to_us(&path, delay).await;
            intent = self.until_known(&path).await;
        }
        if intent["amount_captured"].as_i64().unwrap_or(0) > 0 {
            for (place, amount) in plan.refunds.iter().enumerate() {
                let body = json!({ "payment_intent_id": id, "amount": amount });
                let _ = self.until_answered("/v1/payments/refunds", &format!("refund{place}"), &body).await;
            }
        }
    }

    /// Captures what is held, or lets it go.
    async fn takes(&self, path: &str) {
        let plan = &self.plan;
        if plan.cancels {
            let _ = self.until_answered(&format!("{path}/cancel"), "void", &json!({})).await;
            return;
        }
        for (place, amount) in plan.captures.iter().enumerate() {
            let is_final = place + 1 == plan.captures.len();
            let body = json!({ "amount": amount, "final_capture": is_final });
            let what = format!("capture{place}");
            let _ = self.until_answered(&format!("{path}/capture"), &what, &body).await;
        }
    }

    /// Waits until what is held is captured by its delay, or gives it up about then.
    async fn leaves_it_to_us(&self, path: &str, delay: Duration) {
        if !self.plan.cancels {
            tokio::time::sleep(delay + Duration::from_secs(20)).await;
            return;
        }
        tokio::time::sleep(delay.saturating_sub(Duration::from_secs(5)) + self.dice.moment(10_000)).await;
        let _ = self.until_answered(&format!("{path}/cancel"), "void", &json!({})).await;
    }

    /// The customer takes as long as a challenge may be open, a little less or a little more.
    pub(crate) async fn dawdles(&self) {
        if self.plan.dawdles {
            tokio::time::sleep(Duration::from_secs(29 * 60 + 45) + self.dice.moment(30_000)).await;
        }
    }

    /// Nobody is asked to meet a challenge once more whose money is held or taken by the gateway.
    async fn is_not_asked_again(&self, id: &str, told: Option<Value>) {
        if told.is_none_or(|told| told["status"] != "requires_action") {
            return;
        }
        assert!(!self.world.has_money_of(id).await, "{id}: its challenge was met, and is asked for again");
    }

    /// Somebody captures what is left, at a moment of its own.
    async fn is_captured_in_the_dashboard(&self, id: &str) {
        if !self.plan.captured_outside {
            return;
        }
        tokio::time::sleep(self.dice.moment(8_000)).await;
        let Some(reference) = self.world.attempt_of(id).await else { return };
        let (kind, delay) = (SandboxEventKind::OutsideCapture, self.dice.moment(8_000));
        // Refused when nothing is left: it was captured or let go before.
        let _ = self
            .world
            .line
            .simulator
            .raise(&RaiseEvent { tenant: tenant(), reference, kind, delay, request: None })
            .await;
    }

    /// The answer of a command, however often it has to be sent; none when it is given up.
    pub(crate) async fn until_answered(&self, path: &str, what: &str, body: &Value) -> Option<Value> {
        let key = format!("{}-{what}", self.plan.number);
        for _ in 0..TRIES {
            let request = TestRequest::post().uri(path).insert_header(("idempotency-key", key.clone()));
            let (status, answer) = (self.door)(self.signed(request.set_json(body)).to_request()).await;
            let again = status >= 500 || (status == 409 && answer["code"] != "intent_status");
            // A client that was answered may not have heard it.
            if !again && !self.dice.percent(10) {
                return Some(answer);
            }
            tokio::time::sleep(self.dice.moment(8_000)).await;
        }
        None
    }

    /// The intent once it is not processing any more, or for as long as a client waits.
    pub(crate) async fn until_known(&self, path: &str) -> Value {
        let mut last = Value::Null;
        // From two windows, and without patience.
        let (tries, pause) = if self.plan.two_windows { (8 * TRIES, 1_000) } else { (TRIES, 20_000) };
        for _ in 0..tries {
            let request = TestRequest::get().uri(path);
            if self.plan.two_windows {
                let other = TestRequest::get().uri(path);
                spawn_local((self.door)(self.signed(other).to_request()));
            }
            let (status, answer) = (self.door)(self.signed(request).to_request()).await;
            if status == 200 {
                last = answer;
                if last["status"] != "processing" {
                    return last;
                }
            }
            tokio::time::sleep(self.dice.moment(pause)).await;
        }
        last
    }

    /// The customer meets the challenge, and only the gateway tells.
    async fn meets_at_the_gateway(&self, path: &str) {
        let Some(id) = path.rsplit('/').next() else { return };
        let attempt = self.world.attempt_of(id).await;
        let Some(reference) = attempt else { return };
        let kind = if self.plan.number.is_multiple_of(3) {
            SandboxEventKind::Failed
        } else {
            SandboxEventKind::Succeeded
        };
        let delay = self.dice.moment(5_000);
        let event = RaiseEvent { tenant: tenant(), reference, kind, delay, request: None };
        // Refused when it was met before: in an earlier life.
        let _ = self.world.line.simulator.raise(&event).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
    }

    fn signed(&self, request: TestRequest) -> TestRequest {
        let claims = json!({
            "iss": "tender-dev", "aud": "tender", "exp": self.clock.now().timestamp() + 600,
            "tenant": "acme", "sub": CUSTOMER, "roles": ["admin"],
        });
        let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
        let token = encode(&Header::default(), &claims, &key).expect("claims are signed");
        request.insert_header(("authorization", format!("Bearer {token}")))
    }
}
