//! A charge, and twenty who want something of it at once.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::tenant::{Tenant, unique};
use crate::wait::eventually;

/// How many charges have their actors at once: twenty each.
const AT_ONCE: usize = 8;
/// Who paid, as adventures name a guest.
const GUEST: &str = "0190a6f0-2c1e-7b3a-9c4d-0123456789ab";

/// What is done with a call that no answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// It must not be.
    Fails,
    /// The same is sent again with its key: somebody kills the programs.
    IsSentAgain,
}

/// A refund, as its answer said that it succeeded.
#[derive(Debug, Clone)]
pub struct ToldRefund {
    /// Its id, by which the gateway was asked.
    pub id: String,
    /// In minor units.
    pub amount: i64,
    /// Whether the money went back by the gateway, and not as credit.
    pub is_by_gateway: bool,
}

/// Charges with twenty who want something of each: refunds of both methods, a double click, two people at each of a
/// guest's two disputes, a chargeback told twice and another, people who decide it both ways, cancels of a refund and of
/// the payment.
pub struct Crowds {
    pub(crate) shop: Arc<Tenant>,
    pub(crate) charges: Vec<Value>,
    unanswered: Unanswered,
    told: Mutex<Vec<ToldRefund>>,
    decided: Mutex<Vec<String>>,
}

/// One of the charges.
struct Wanted<'a> {
    crowds: &'a Crowds,
    intent: &'a Value,
    gateway_reference: Value,
    number: usize,
    /// The guest's disputes: of [`Crowds::ASKED`] and of [`Crowds::ASKED_BESIDE`].
    disputes: [Value; 2],
}

impl Crowds {
    /// What is paid for each charge, in minor units of EUR.
    pub const PAID: i64 = 1_000;
    /// What the guest asks for first, and two people grant.
    const ASKED: i64 = 250;
    /// What the guest asks for beside that: somebody grants [`Crowds::GRANTED`] of it, and somebody nothing.
    pub(crate) const ASKED_BESIDE: i64 = 200;
    const GRANTED: i64 = 130;
    /// In whose credit the guest's money is.
    pub(crate) const CREDIT: &str = "liability:customer:0190a6f0-2c1e-7b3a-9c4d-0123456789ab:store_credit";

    /// Has so many charges paid, of which nobody wants anything yet.
    pub async fn gather(shop: &Tenant, charges: usize, unanswered: Unanswered) -> Self {
        let method = shop.method("tok_visa").await;
        let pay = |_| {
            let body = json!({"amount": Self::PAID, "currency": "EUR", "payment_method_id": method,
                              "confirm": true, "customer_id": GUEST});
            async move {
                let paid = shop.api.post("/v1/payments/intents", &body).await;
                assert!([201, 202].contains(&paid.status), "{paid}");
                // On a busy machine a call of the gateway may run out of its time: then it is looked up.
                let id = paid.json()["id"].as_str().expect("an id").to_owned();
                eventually("it is paid", || async {
                    let intent = shop.intent(&id).await;
                    (intent["status"] == "succeeded").then_some(intent)
                })
                .await
            }
        };
        let charges: Vec<Value> = stream::iter(0..charges).map(pay).buffer_unordered(AT_ONCE).collect().await;
        assert!(charges.iter().all(|paid| paid["status"] == "succeeded"), "{charges:?}");
        Self {
            shop: Arc::new(shop.clone()),
            charges,
            unanswered,
            told: Mutex::default(),
            decided: Mutex::default(),
        }
    }

    /// Lets everybody have at it.
    ///
    /// # Panics
    /// When somebody gets an answer that must not be, or none.
    pub async fn rush(&self) {
        let all = (0..self.charges.len()).map(|number| self.want(number));
        stream::iter(all).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    async fn want(&self, number: usize) {
        let intent = &self.charges[number];
        let id = intent["id"].as_str().expect("an id");
        let charges = self.look(&format!("/v1/payments/intents/{id}/charges")).await;
        let gateway_reference = charges["data"][0]["gateway_reference"].clone();
        assert!(gateway_reference.is_string(), "{charges}");
        let disputes = [self.asked(id, Self::ASKED).await, self.asked(id, Self::ASKED_BESIDE).await];
        let wanted = Wanted { crowds: self, intent, gateway_reference, number, disputes };
        join_all((0..20).map(|actor| wanted.act(actor))).await;
    }

    /// The refunds that somebody was told had succeeded.
    ///
    /// # Panics
    /// When somebody has panicked.
    #[must_use]
    pub fn told(&self) -> Vec<ToldRefund> {
        self.told.lock().expect("nobody panics with it").clone()
    }

    /// The guest's disputes that somebody was told to have decided.
    pub(crate) fn decided(&self) -> Vec<String> {
        self.decided.lock().expect("nobody panics with it").clone()
    }

    /// A dispute that the guest opens.
    async fn asked(&self, intent: &str, amount: i64) -> Value {
        let body = json!({"payment_id": uuid_of(intent), "guest_id": GUEST, "reason": "WEATHER",
                          "requested_amount": major(amount), "description": "the storm closed the river"});
        self.insist("/adventures/disputes", &unique("open"), &body).await.expect(201)
    }

    fn note(&self, refund: &Value) {
        if refund["status"] == "succeeded" {
            let told = ToldRefund {
                id: refund["id"].as_str().expect("an id").to_owned(),
                amount: refund["amount"].as_i64().expect("an amount"),
                is_by_gateway: refund["refund_method"] == "original_payment_method",
            };
            self.told.lock().expect("nobody panics with it").push(told);
        }
    }

    async fn look(&self, path: &str) -> Value {
        eventually("somebody can read", || async {
            Some(self.sent(Method::GET, path, None).await?.expect(200))
        })
        .await
    }

    /// Posts until there is an answer that is kept: not that others were faster, or that it is still worked on.
    async fn insist(&self, path: &str, key: &str, body: &Value) -> Answer {
        const AGAIN: [&str; 3] = ["concurrent_update", "idempotency_key_in_flight", "CONFLICT"];
        eventually("somebody has an answer", || async {
            let answer = self.sent(Method::POST, path, Some((key, body))).await?;
            let is_busy = answer.status == 409 && {
                let problem = answer.json();
                let code = problem["code"].as_str().or(problem["error"].as_str());
                AGAIN.contains(&code.unwrap_or_default())
            };
            (!is_busy).then_some(answer)
        })
        .await
    }

    /// An answer, unless it is to be asked for again.
    async fn sent(&self, method: Method, path: &str, more: Option<(&str, &Value)>) -> Option<Answer> {
        let mut call = self.shop.api.call(method, path);
        if let Some((key, body)) = more {
            call = call.key(key).json(body);
        }
        let answer = match self.unanswered {
            Unanswered::Fails => call.send().await,
            Unanswered::IsSentAgain => call.try_send().await.ok()?,
        };
        (answer.status != 503).then_some(answer)
    }
}

impl Wanted<'_> {
    /// What the `n`th of the twenty does.
    async fn act(&self, n: i64) {
        match n {
            0 | 1 => self.resolve(&self.disputes[0], "FULL_REFUND", None).await,
            2 => self.resolve(&self.disputes[1], "PARTIAL_REFUND", Some(Crowds::GRANTED)).await,
            3 => self.resolve(&self.disputes[1], "DENIED", None).await,
            4 | 5 => drop(self.refund(70 * n, "original_payment_method", &unique("refund")).await),
            // One person, who clicks twice.
            6 | 7 => {
                let key = format!("twice-{}", self.number);
                drop(self.refund(150, "original_payment_method", &key).await);
            }
            8..=10 => drop(self.refund(90 * n - 600, "store_credit", &unique("credit")).await),
            11 | 12 => drop(self.chargeback("a", 400).await),
            13 => drop(self.chargeback("b", 300).await),
            14 | 15 => self.decide("a", 400, if n == 14 { "won" } else { "lost" }).await,
            16 => self.decide("b", 300, "lost").await,
            17 | 18 => self.refund_and_cancel().await,
            _ => {
                let path = format!("/v1/payments/intents/{}/cancel", self.id());
                let answer = self.crowds.insist(&path, &unique("cancel"), &json!({})).await;
                assert_eq!(answer.status, 409, "a payment that succeeded was canceled: {answer}");
            }
        }
    }

    fn id(&self) -> &str {
        self.intent["id"].as_str().expect("an id")
    }

    async fn refund(&self, amount: i64, method: &str, key: &str) -> Answer {
        let body = json!({"payment_intent_id": self.intent["id"], "amount": amount, "refund_method": method});
        let answer = self.crowds.insist("/v1/payments/refunds", key, &body).await;
        match answer.status {
            201 | 202 => self.crowds.note(&answer.json()),
            _ => assert_eq!(answer.problem(422), "refund_exceeds_charge"),
        }
        answer
    }

    async fn refund_and_cancel(&self) {
        let answer = self.refund(120, "original_payment_method", &unique("refund")).await;
        if answer.status == 422 {
            return;
        }
        let path = format!("/v1/payments/refunds/{}/cancel", answer.json()["id"].as_str().expect("an id"));
        let canceled = self.crowds.insist(&path, &unique("cancel"), &json!({})).await;
        assert_eq!(canceled.problem(409), "refund_not_cancelable");
    }

    async fn chargeback(&self, which: &str, amount: i64) -> Value {
        let body = json!({
            "processor": "simulator", "processor_reference": format!("cb_{}_{which}", self.number),
            "gateway_reference": self.gateway_reference, "amount": amount, "currency": "EUR", "fee": 15,
            "reason_code": "fraud", "received_at": "2026-01-02T03:04:05Z",
        });
        // Its charge may not be known yet: then it is told again.
        eventually("the chargeback is a dispute", || async {
            let answer = self.crowds.insist("/v1/payments/chargebacks", &unique("chargeback"), &body).await;
            assert!([200, 201, 202].contains(&answer.status), "{answer}");
            (answer.status != 202).then(|| answer.json())
        })
        .await
    }

    /// Two who decide one dispute: whoever is first has it, the other is told so.
    async fn decide(&self, which: &str, amount: i64, outcome: &str) {
        let dispute = self.chargeback(which, amount).await;
        let path = format!("/v1/payments/disputes/{}/resolve", dispute["id"].as_str().expect("an id"));
        let body = json!({"outcome": outcome, "reason": "letter"});
        let answer = self.crowds.insist(&path, &unique("resolve"), &body).await;
        if answer.status != 200 {
            assert_eq!(answer.problem(409), "dispute_decided");
        }
    }

    /// Of two who decide one dispute of the guest's, or the same way twice, one does; as long as so much is left.
    async fn resolve(&self, dispute: &Value, decision: &str, amount: Option<i64>) {
        let id = dispute["dispute_id"].as_str().expect("an id");
        let mut body = json!({"decision": decision, "reason": "the guide's word", "version": 1});
        if let Some(amount) = amount {
            body["amount"] = major(amount);
        }
        let path = format!("/adventures/disputes/{id}/resolve");
        let answer = self.crowds.insist(&path, &unique("resolve"), &body).await;
        match answer.status {
            200 => self.crowds.decided.lock().expect("nobody panics with it").push(id.to_owned()),
            422 => assert_eq!(answer.storefront_code(422), "REFUND_EXCEEDS_PAYMENT"),
            _ => assert_eq!(answer.storefront_code(409), "DISPUTE_RESOLVED"),
        }
    }
}

/// The UUID that an id is where a storefront's document wants one: 26 digits of Crockford's base32 behind the prefix.
fn uuid_of(id: &str) -> String {
    const DIGITS: &str = "0123456789abcdefghjkmnpqrstvwxyz";
    let (_, digits) = id.split_once('_').expect("a prefix");
    let value = digits.chars().fold(0_u128, |value, digit| {
        value << 5 | u128::try_from(DIGITS.find(digit).expect("a digit")).expect("it is small")
    });
    let hex = format!("{value:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn major(minor: i64) -> Value {
    serde_json::from_str(&format!("{}.{:02}", minor / 100, minor % 100)).expect("a number")
}
