//! One customer, who sends again what was not answered, with the same key.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, Api, Tenant, eventually, unique};

use crate::dice::Dice;
use crate::load::{Book, Told};

const AGAIN: Duration = Duration::from_millis(60);

/// The methods that customers pay with, and how many in a hundred do.
const TOKENS: [(&str, i64); 5] =
    [("tok_visa", 80), ("tok_declined", 10), ("tok_timeout_after", 4), ("tok_slow", 3), ("tok_error", 3)];

pub(crate) struct Shopper {
    pub(crate) api: Api,
    pub(crate) methods: Arc<Vec<String>>,
    pub(crate) dice: Dice,
    pub(crate) book: Book,
}

impl Shopper {
    /// Saves the methods once for all.
    pub(crate) async fn methods(shop: &Tenant) -> Arc<Vec<String>> {
        let mut methods = Vec::new();
        for (token, share) in TOKENS {
            let method = shop.method(token).await;
            methods.extend((0..share).map(|_| method.clone()));
        }
        Arc::new(methods)
    }

    /// Pays an order, and sends some back.
    pub(crate) async fn order(&mut self) {
        let (order, amount) = (unique("order"), self.dice.number(100, 9_000));
        let last = i64::try_from(self.methods.len()).unwrap_or(1) - 1;
        let method = usize::try_from(self.dice.number(0, last)).unwrap_or(0);
        let body = json!({"amount": amount, "currency": "EUR", "payment_method_id": self.methods[method],
                          "confirm": true, "order_ref": order});
        let paid = self.insist("/v1/payments/intents", &order, &body).await;
        assert!([201, 202].contains(&paid.status), "{paid}");
        let intent = paid.json();
        let text = |name: &str| intent[name].as_str().unwrap_or_default().to_owned();
        let told = Told { intent: text("id"), status: text("status"), amount, refund: None };
        let is_paid = told.status == "succeeded";
        self.write(&order, told);
        if is_paid && self.dice.chance(25) {
            let back = self.dice.number(1, amount);
            self.send_back(&order, &intent["id"], back).await;
        }
    }

    async fn send_back(&mut self, order: &str, intent: &Value, amount: i64) {
        let body = json!({"payment_intent_id": intent, "amount": amount});
        let answer = self.insist("/v1/payments/refunds", &format!("back-{order}"), &body).await;
        assert!([201, 202].contains(&answer.status), "{answer}");
        let mut book = self.book.lock().expect("customers do not panic with it");
        if let Some(told) = book.get_mut(order) {
            let status = answer.json()["status"].as_str().unwrap_or_default().to_owned();
            told.refund = Some((amount, status));
        }
    }

    fn write(&self, order: &str, told: Told) {
        self.book.lock().expect("customers do not panic with it").insert(order.to_owned(), told);
    }

    /// Posts, and posts again for as long as the answer is not one: none came, it is busy or away, or the first is
    /// still in flight.
    async fn insist(&self, path: &str, key: &str, body: &Value) -> Answer {
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
}

/// Whether the first request with the key still runs, or its outcome came to somebody else: neither is kept, and the
/// same request may be sent again.
fn is_to_be_sent_again(answer: &Answer) -> bool {
    const CODES: [&str; 2] = ["idempotency_key_in_flight", "concurrent_update"];
    answer.status == 409 && answer.json()["code"].as_str().is_some_and(|code| CODES.contains(&code))
}
