//! Many charges, and at each of them many who give its money back in different ways at once.

use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, System, Tenant, eventually, unique};

const CHARGES: i64 = 100;
/// How many charges have their actors at once: twenty each.
const AT_ONCE: usize = 8;
const PAID: i64 = 1_000;
const CUSTOMER: &str = "cust_crowd";

/// A charge that everybody wants something of.
struct Wanted {
    shop: Arc<Tenant>,
    intent: Value,
    gateway_reference: Value,
    number: i64,
}

/// 100 charges, each with 20 actors at once: refunds of both methods, a double click, a chargeback told twice and another,
/// people who decide it both ways, cancels of a refund and of the payment. Then nothing is lost or doubled: the
/// simulator's books, ours and the ledger agree; the auditor, who comes after every promise, goes through the rest.
pub(crate) async fn a_hundred_charges_with_twenty_actors_each_keep_the_books(system: &System) {
    let shop = Arc::new(system.tenant());
    let method = shop.method("tok_visa").await;
    stream::iter(1..=CHARGES)
        .map(|number| crowd(Arc::clone(&shop), method.clone(), number))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<()>>()
        .await;
    let tenant = &shop.name;
    let number = |sql: &str| system.database.number(&sql.replace("$T", &format!("tenant_id = '{tenant}'")));
    // Each chargeback is there once, however often it was told.
    assert_eq!(number("SELECT count(*) FROM refunds.disputes WHERE $T"), 2 * CHARGES);
    eventually("no outcome is open", || async {
        let open = "SELECT count(*) FROM refunds.refunds WHERE $T AND status IN ('pending', 'processing')";
        (number(open) == 0).then_some(())
    })
    .await;
    let succeeded = |method: &str| {
        number(&format!(
            "SELECT coalesce(sum(amount_minor), 0)::bigint FROM refunds.refunds \
             WHERE $T AND status = 'succeeded' AND refund_method = '{method}'"
        ))
    };
    let (by_gateway, as_credit) = (succeeded("original_payment_method"), succeeded("store_credit"));
    assert!(by_gateway > 0 && as_credit > 0, "{by_gateway} {as_credit}: nothing is shown");
    let simulator = "SELECT sum(refunded_minor)::bigint FROM simulator.payments WHERE $T";
    assert_eq!(number(simulator), by_gateway, "the simulator's books");
    let beyond = "SELECT count(*) FROM refunds.refundable_charges \
                  WHERE $T AND refunded_minor > captured_minor";
    assert_eq!(number(beyond), 0, "more of ours than was captured");
    let lost = number(
        "SELECT coalesce(sum(amount_minor), 0)::bigint FROM refunds.disputes \
         WHERE $T AND status IN ('lost', 'accepted')",
    );
    let (credit, payable) =
        (format!("liability:customer:{CUSTOMER}:store_credit"), "liability:merchant:ma_default:payable");
    eventually("the ledger owes what is left to the merchant, and the customer its credit", || async {
        let owed = |(debit, credit): (i64, i64)| credit - debit;
        let merchant = owed(shop.account(payable, "EUR").await);
        let customer = owed(shop.account(&credit, "EUR").await);
        (merchant == CHARGES * PAID - by_gateway - as_credit - lost && customer == as_credit).then_some(())
    })
    .await;
}

async fn crowd(shop: Arc<Tenant>, method: String, number: i64) {
    let body = json!({"amount": PAID, "currency": "EUR", "payment_method_id": method, "confirm": true,
                      "customer_id": CUSTOMER});
    let paid = shop.api.post("/v1/payments/intents", &body).await.expect(201);
    let id = paid["id"].as_str().expect("an id");
    let charges = shop.api.get(&format!("/v1/payments/intents/{id}/charges")).await.expect(200);
    let gateway_reference = charges["data"][0]["gateway_reference"].clone();
    assert!(gateway_reference.is_string(), "{charges}");
    let wanted = Wanted { shop, intent: paid["id"].clone(), gateway_reference, number };
    join_all((0..20).map(|actor| wanted.act(actor))).await;
}

impl Wanted {
    /// What the `n`th of the twenty does.
    async fn act(&self, n: i64) {
        match n {
            0..=5 => drop(self.refund(100 + 70 * n, "original_payment_method", &unique("refund")).await),
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
                let path = format!("/v1/payments/intents/{}/cancel", self.intent.as_str().expect("an id"));
                let answer = self.insist(&path, &unique("cancel"), &json!({})).await;
                assert_eq!(answer.status, 409, "a payment that succeeded was canceled: {answer}");
            }
        }
    }

    async fn refund(&self, amount: i64, method: &str, key: &str) -> Answer {
        let body = json!({"payment_intent_id": self.intent, "amount": amount, "refund_method": method});
        let answer = self.insist("/v1/payments/refunds", key, &body).await;
        match answer.status {
            201 | 202 => {}
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
        let canceled = self.insist(&path, &unique("cancel"), &json!({})).await;
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
            let answer = self.insist("/v1/payments/chargebacks", &unique("chargeback"), &body).await;
            assert!([200, 201, 202].contains(&answer.status), "{answer}");
            (answer.status != 202).then(|| answer.json())
        })
        .await
    }

    /// Two who decide one dispute: whoever is first has it, the other is told so.
    async fn decide(&self, which: &str, amount: i64, outcome: &str) {
        let dispute = self.chargeback(which, amount).await;
        let path = format!("/v1/payments/disputes/{}/resolve", dispute["id"].as_str().expect("an id"));
        let answer =
            self.insist(&path, &unique("resolve"), &json!({"outcome": outcome, "reason": "letter"})).await;
        if answer.status != 200 {
            assert_eq!(answer.problem(409), "dispute_decided");
        }
    }

    /// Posts until there is an answer that is kept: not that others were faster, or that it is still worked on.
    async fn insist(&self, path: &str, key: &str, body: &Value) -> Answer {
        eventually("somebody has an answer", || async {
            let answer = self.shop.api.call(Method::POST, path).key(key).json(body).send().await;
            let again = answer.status == 503
                || answer.status == 409
                    && ["concurrent_update", "idempotency_key_in_flight"]
                        .contains(&answer.json()["code"].as_str().unwrap_or_default());
            (!again).then_some(answer)
        })
        .await
    }
}

pub(crate) async fn store_credit_is_given_spent_once_and_owed_in_the_ledger(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let pay = |customer: Value| {
        let body = json!({"amount": 5_000, "currency": "BHD", "payment_method_id": method, "confirm": true,
                          "customer_id": customer});
        let shop = shop.clone();
        async move { shop.api.post("/v1/payments/intents", &body).await.expect(201)["id"].clone() }
    };
    let refund = |intent: &Value| json!({"payment_intent_id": intent, "amount": 1_234, "refund_method": "store_credit"});
    let nobodys = pay(Value::Null).await;
    let refused = shop.api.post("/v1/payments/refunds", &refund(&nobodys)).await;
    assert_eq!(refused.problem(422), "refund_method_not_available");
    let paid = pay(json!("cust_credit")).await;
    let given = shop.api.post("/v1/payments/refunds", &refund(&paid)).await.expect(201);
    assert_eq!((&given["status"], &given["gateway_reference"]), (&json!("succeeded"), &Value::Null));
    let me = shop.customer("cust_credit");
    let path = "/v1/payments/store-credit/cust_credit";
    eventually("the customer has it", || async {
        let credit = me.get(path).await.expect(200);
        (credit["data"][0]["balance"] == 1_234 && credit["data"][0]["currency"] == "BHD").then_some(())
    })
    .await;
    assert_eq!(shop.customer("cust_other").get(path).await.problem(404), "not_found");
    let spend = json!({"customer_id": "cust_credit", "type": "redemption", "amount": 1_000, "currency": "BHD",
                       "merchant_account_id": "ma_default", "reason": "order 7", "order_ref": "ord_7"});
    let spending = (0..10).map(|_| shop.api.post("/v1/payments/store-credit/adjustments", &spend));
    let answers = join_all(spending).await;
    let spent = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(spent, 1, "{}", answers.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.problem(422), "store_credit_insufficient");
    }
    let history = me.get(&format!("{path}/entries")).await.expect(200);
    let amounts: Vec<&Value> =
        history["data"].as_array().expect("a list").iter().map(|entry| &entry["amount"]).collect();
    assert_eq!(amounts, [&json!(-1_000), &json!(1_234)], "{history}");
    let account = shop.account("liability:customer:cust_credit:store_credit", "BHD").await;
    assert_eq!(account, (1_000, 1_234));
    assert_eq!(shop.account("liability:merchant:ma_default:payable", "BHD").await, (1_234, 11_000));
}
