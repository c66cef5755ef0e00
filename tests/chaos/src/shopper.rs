//! One customer, who sends again what was not answered, with the same key.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, Api, Tenant, eventually, unique};

use crate::dice::Dice;
use crate::load::{Book, Told};

const AGAIN: Duration = Duration::from_millis(60);

/// What customers pay with in one call, and how many in a hundred do.
const TOKENS: [(&str, i64); 5] =
    [("tok_visa", 80), ("tok_declined", 10), ("tok_timeout_after", 4), ("tok_slow", 3), ("tok_error", 3)];

/// The methods that customers pay with.
pub(crate) struct Methods {
    any: Vec<String>,
    good: String,
    challenged: String,
    disputed: String,
    told_by_callback: String,
}

/// The ways in which money moves, and how many in a hundred go each.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Created and confirmed in one call.
    AtOnce,
    /// Created, then confirmed.
    InTwoCalls,
    /// Held, then captured.
    HeldAndCaptured,
    /// Held, then canceled.
    HeldAndCanceled,
    /// Held, then its authorization voided.
    HeldAndVoided,
    /// Paid after a challenge.
    Challenged,
    /// Paid, and disputed by the gateway's callback.
    Disputed,
    /// Paid, as only the gateway's callback tells.
    ToldByCallback,
    /// Paid; then refunded in part, disputed as the processor tells twice, and decided, all at once.
    Contested,
}

const WAYS: [(Way, i64); 9] = [
    (Way::AtOnce, 40),
    (Way::InTwoCalls, 10),
    (Way::HeldAndCaptured, 10),
    (Way::HeldAndCanceled, 8),
    (Way::HeldAndVoided, 7),
    (Way::Challenged, 7),
    (Way::Disputed, 5),
    (Way::ToldByCallback, 5),
    (Way::Contested, 8),
];

pub(crate) struct Shopper {
    pub(crate) api: Api,
    pub(crate) methods: Arc<Methods>,
    pub(crate) dice: Dice,
    pub(crate) book: Book,
}

impl Shopper {
    /// Saves the methods once for all.
    pub(crate) async fn methods(shop: &Tenant) -> Arc<Methods> {
        let mut any = Vec::new();
        for (token, share) in TOKENS {
            let method = shop.method(token).await;
            any.extend((0..share).map(|_| method.clone()));
        }
        Arc::new(Methods {
            any,
            good: shop.method("tok_visa").await,
            challenged: shop.method("tok_challenge").await,
            disputed: shop.method("tok_dispute").await,
            told_by_callback: shop.method("tok_callback_only").await,
        })
    }

    /// Pays an order, and sends some back.
    pub(crate) async fn order(&mut self) {
        let (order, methods) = (unique("order"), Arc::clone(&self.methods));
        match self.way() {
            Way::AtOnce => {
                let last = i64::try_from(methods.any.len()).unwrap_or(1) - 1;
                let method = usize::try_from(self.dice.number(0, last)).unwrap_or(0);
                let told = self.pay(&order, &methods.any[method], json!({"confirm": true})).await;
                if told.status == "succeeded" && self.dice.chance(25) {
                    let back = self.dice.number(1, told.amount);
                    self.send_back(&order, &told.intent, back).await;
                }
            }
            Way::InTwoCalls => {
                let told = self.pay(&order, &methods.good, json!({})).await;
                self.go_on(&order, &told, "requires_confirmation", "confirm", json!({})).await;
            }
            Way::HeldAndCaptured => self.held(&order, "capture").await,
            Way::HeldAndCanceled => self.held(&order, "cancel").await,
            Way::HeldAndVoided => {
                let told = self.hold(&order).await;
                if told.status == "requires_capture" {
                    self.void(&order, &told).await;
                }
            }
            Way::Challenged => {
                let told = self.pay(&order, &methods.challenged, json!({"confirm": true})).await;
                let met = json!({"result": "success"});
                self.go_on(&order, &told, "requires_action", "3ds/complete", met).await;
            }
            Way::Disputed => drop(self.pay(&order, &methods.disputed, json!({"confirm": true})).await),
            Way::ToldByCallback => {
                drop(self.pay(&order, &methods.told_by_callback, json!({"confirm": true})).await);
            }
            Way::Contested => {
                let told = self.pay(&order, &methods.good, json!({"confirm": true})).await;
                if told.status == "succeeded" {
                    self.contest(&order, &told).await;
                }
            }
        }
    }

    fn way(&mut self) -> Way {
        let mut thrown = self.dice.number(0, 99);
        for (way, share) in WAYS {
            thrown -= share;
            if thrown < 0 {
                return way;
            }
        }
        Way::AtOnce
    }

    async fn pay(&mut self, order: &str, method: &str, more: Value) -> Told {
        let amount = self.dice.number(100, 9_000);
        let mut body =
            json!({"amount": amount, "currency": "EUR", "payment_method_id": method, "order_ref": order});
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let intent = self.insist("/v1/payments/intents", order, &body).await.json();
        let text = |name: &str| intent[name].as_str().unwrap_or_default().to_owned();
        let is_disputed = method == self.methods.disputed;
        let told = Told { intent: text("id"), status: text("status"), amount, is_disputed, refund: None };
        self.write(order, told.clone());
        if told.status == "processing" {
            self.look(&format!("/v1/payments/intents/{}", told.intent)).await;
        }
        told
    }

    async fn hold(&mut self, order: &str) -> Told {
        let method = self.methods.good.clone();
        self.pay(order, &method, json!({"confirm": true, "capture_mode": "manual"})).await
    }

    async fn held(&mut self, order: &str, verb: &str) {
        let told = self.hold(order).await;
        self.go_on(order, &told, "requires_capture", verb, json!({})).await;
    }

    /// The next request about an intent that stands as it should for it.
    async fn go_on(&self, order: &str, told: &Told, from: &str, verb: &str, body: Value) {
        if told.status != from {
            return;
        }
        let path = format!("/v1/payments/intents/{}/{verb}", told.intent);
        let answer = self.insist(&path, &format!("{verb}-{order}"), &body).await.json();
        // A capture tells how its intent stands beside how it stands itself.
        let status = answer["status"].as_str().unwrap_or_default().to_owned();
        self.write(order, Told { status, ..told.clone() });
    }

    async fn void(&self, order: &str, told: &Told) {
        let charges = self.look(&format!("/v1/payments/intents/{}/charges", told.intent)).await.json();
        let authorization = charges["data"][0]["authorization_id"].as_str().unwrap_or_default();
        let path = format!("/v1/payments/authorizations/{authorization}/void");
        let voided = self.insist(&path, &format!("void-{order}"), &json!({})).await;
        let status = if voided.status == 200 { "canceled" } else { "processing" };
        self.write(order, Told { status: status.to_owned(), ..told.clone() });
    }

    async fn send_back(&mut self, order: &str, intent: &str, amount: i64) {
        let body = json!({"payment_intent_id": intent, "amount": amount});
        let answer = self.insist("/v1/payments/refunds", &format!("back-{order}"), &body).await;
        self.note_refund(order, amount, &answer);
    }

    fn note_refund(&self, order: &str, amount: i64, answer: &Answer) {
        let mut book = self.book.lock().expect("customers do not panic with it");
        if let Some(told) = book.get_mut(order) {
            let status = answer.json()["status"].as_str().unwrap_or_default().to_owned();
            told.refund = Some((amount, status));
        }
    }

    /// A refund, a chargeback of all that was paid, told twice, and who decides it, side by side.
    async fn contest(&mut self, order: &str, told: &Told) {
        let charges = self.look(&format!("/v1/payments/intents/{}/charges", told.intent)).await.json();
        let (back, won) = (self.dice.number(1, told.amount), self.dice.chance(50));
        let chargeback = json!({
            "processor": "simulator", "processor_reference": format!("cb-{order}"),
            "gateway_reference": charges["data"][0]["gateway_reference"], "amount": told.amount,
            "currency": "EUR", "fee": 150, "reason_code": "fraud", "received_at": "2026-01-02T03:04:05Z",
        });
        self.write(order, Told { is_disputed: true, ..told.clone() });
        let refund = json!({"payment_intent_id": told.intent, "amount": back});
        let (refunded, disputed, _) = tokio::join!(
            self.answered("/v1/payments/refunds", order, &refund),
            self.disputed(&chargeback),
            self.disputed(&chargeback),
        );
        if refunded.status == 422 {
            assert_eq!(refunded.problem(422), "refund_exceeds_charge");
        } else {
            self.note_refund(order, back, &refunded);
        }
        let path = format!("/v1/payments/disputes/{disputed}/resolve");
        let outcome = json!({"outcome": if won { "won" } else { "lost" }, "reason": "letter"});
        self.insist(&path, &format!("decide-{order}"), &outcome).await;
    }

    /// Tells a chargeback until it is a dispute, for its charge may not be known yet; the dispute's id.
    async fn disputed(&self, chargeback: &Value) -> String {
        eventually("a chargeback becomes a dispute", || async {
            let answer = self.answered("/v1/payments/chargebacks", &unique("cb"), chargeback).await;
            assert!([200, 201, 202].contains(&answer.status), "a chargeback is a fact, and lands: {answer}");
            if answer.status == 202 {
                tokio::time::sleep(AGAIN).await;
                return None;
            }
            answer.json()["id"].as_str().map(str::to_owned)
        })
        .await
    }

    fn write(&self, order: &str, told: Told) {
        self.book.lock().expect("customers do not panic with it").insert(order.to_owned(), told);
    }

    /// Posts, and posts again for as long as the answer is not one: none came, it is busy or away, or the first is
    /// still in flight.
    ///
    /// # Panics
    /// When the answer is none that this customer can get.
    async fn insist(&self, path: &str, key: &str, body: &Value) -> Answer {
        let answer = self.answered(path, key, body).await;
        assert!([200, 201, 202].contains(&answer.status), "{path}: {answer}");
        answer
    }

    /// The same, also when the answer is a refusal.
    async fn answered(&self, path: &str, key: &str, body: &Value) -> Answer {
        eventually("a customer gets an answer", || async {
            let sent = self.api.call(Method::POST, path).key(key).json(body).try_send().await;
            match sent {
                Ok(answer) if answer.status != 503 && !is_to_be_sent_again(&answer) => Some(answer),
                _ => {
                    tokio::time::sleep(AGAIN).await;
                    None
                }
            }
        })
        .await
    }

    /// Reads, and reads again until there is an answer.
    async fn look(&self, path: &str) -> Answer {
        eventually("a customer can read", || async {
            match self.api.call(Method::GET, path).try_send().await {
                Ok(answer) if answer.status == 200 => Some(answer),
                _ => {
                    tokio::time::sleep(AGAIN).await;
                    None
                }
            }
        })
        .await
    }
}

/// Whether the first request with the key still runs, or its outcome came to somebody else: neither is kept, and the
/// same request may be sent again.
fn is_to_be_sent_again(answer: &Answer) -> bool {
    const CODES: [&str; 2] = ["idempotency_key_in_flight", "concurrent_update"];
    answer.status == 409 && answer.json()["code"].as_str().is_some_and(|code| CODES.contains(&code))
}
