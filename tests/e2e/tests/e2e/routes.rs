//! Every route of every document, and a tenant that has something for each of them.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, System, Tenant, eventually, unique};

use crate::evidence_files::declared;

/// A route as its document has it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) base: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Any of these opens it; an empty one stands for no credential at all.
    pub(crate) scopes: Vec<String>,
    pub(crate) open: bool,
}

/// What storefronts know by UUID: none of any tenant's own.
const NOBODYS: &str = "0190a6f0-2c1e-7b3a-9c4d-ffffffffffff";
/// A customer of everybody's: each tenant has its own of this name.
const CUSTOMER: &str = "cust_owned";
/// What a tenant has, by the name of the path's parameter.
pub(crate) struct Owned {
    pub(crate) intent: String,
    pub(crate) method: String,
    pub(crate) refund: String,
    pub(crate) dispute: String,
    /// The same, as the adventures document names it.
    pub(crate) dispute_uuid: String,
    pub(crate) order: String,
    pub(crate) key: String,
    pub(crate) charge: String,
    pub(crate) authorization: String,
    pub(crate) session: String,
    pub(crate) job: String,
    pub(crate) rotation: String,
    pub(crate) refunds_job: String,
    pub(crate) link: String,
    pub(crate) rule: String,
    pub(crate) decision: String,
    pub(crate) connector: String,
    pub(crate) routing_rule: String,
    pub(crate) callback: String,
    pub(crate) upload: String,
}

/// Until a job is completed.
async fn completed(shop: &Tenant, job: &str) {
    let path = format!("/v1/payments/jobs/{job}");
    eventually("the job is completed", || async {
        (shop.api.get(&path).await.expect(200)["status"] == "completed").then_some(())
    })
    .await;
}

/// The id of a callback of the gateway, of a payment of the tenant's.
async fn told_by_the_gateway(shop: &Tenant, intent: &Value) -> String {
    let event = json!({"type": "payment.succeeded", "intent_id": intent["id"]});
    let _ = shop.api.post("/v1/payments/test/simulate", &event).await.expect(202);
    eventually("the gateway has told", || async {
        let told = shop.api.get("/v1/payments/gateway-callbacks").await.expect(200);
        told["data"][0]["id"].as_str().map(str::to_owned)
    })
    .await
}

impl Owned {
    pub(crate) async fn of(shop: &Tenant) -> Self {
        let id = |value: &Value| value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned();
        let method = shop.method("tok_visa").await;
        let intent = shop.pay(&method, 900, "EUR").await;
        let refund = json!({"payment_intent_id": intent["id"], "amount": 100});
        let refund = shop.api.post("/v1/payments/refunds", &refund).await.expect(201);
        let dispute = json!({"payment_intent_id": intent["id"], "amount": 100, "reason_code": "fraud"});
        let dispute = shop.api.post("/v1/payments/disputes", &dispute).await.expect(201);
        let listed = shop.api.get("/adventures/disputes").await.expect(200);
        let dispute_uuid = listed["items"][0]["dispute_id"].as_str().expect("its case").to_owned();
        let key = json!({"name": "till", "scopes": ["intents:read"]});
        let key = shop.api.post("/v1/payments/keys", &key).await.expect(201);
        let job = json!({"intents": [{"amount": 900, "currency": "EUR"}]});
        let job = shop.api.post("/v1/payments/intents/bulk", &job).await.expect(202);
        // What it makes is the tenant's own doing, and done before others try.
        completed(shop, &id(&job)).await;
        let refunds = json!({"refunds": [{"payment_intent_id": intent["id"], "amount": 1}]});
        let refunds_job = shop.api.post("/v1/payments/refunds/bulk", &refunds).await.expect(202);
        completed(shop, &id(&refunds_job)).await;
        let rotation = shop.api.post("/v1/payments/vault/keys/rotate", &json!({})).await.expect(202);
        completed(shop, &id(&rotation)).await;
        let charge = intent["latest_charge"].as_str().expect("a charge").to_owned();
        let link = json!({"amount": 900, "currency": "EUR"});
        let link = shop.api.post("/v1/payments/payment-links", &link).await.expect(201);
        let rule = json!({
            "name": "far too much",
            "condition": {"amount_above": {"limit": 99_999_999, "currency": "EUR"}},
            "effect": {"action": "deny"},
        });
        let rule = shop.api.post("/v1/payments/fraud/rules", &rule).await.expect(201);
        let connector = json!({"name": "own", "type": "simulator"});
        let connector = shop.api.post("/v1/payments/connectors", &connector).await.expect(201);
        let routing_rule = json!({"match": {"currency": "JPY"}, "connector_id": connector["id"]});
        let routing_rule = shop.api.post("/v1/payments/routing-rules", &routing_rule).await.expect(201);
        let decision = json!({"intent_id": intent["id"]});
        let decision = shop.api.post("/v1/payments/fraud/score", &decision).await;
        assert!(decision.status < 300, "{decision}");
        let callback = told_by_the_gateway(shop, &intent).await;
        let credit = json!({
            "customer_id": CUSTOMER, "type": "grant", "amount": 5, "currency": "EUR",
            "merchant_account_id": "ma_default", "reason": "ours",
        });
        let _ = shop.api.post("/v1/payments/store-credit/adjustments", &credit).await.expect(201);
        let upload = shop.api.post("/v1/payments/uploads", &declared()).await.expect(201);
        let order = unique("order");
        let body = json!({"kind": "order", "customer_id": "c", "amount": 900, "currency": "EUR"});
        let put = shop.api.call(Method::PUT, &format!("/v1/payments/orders/{order}")).json(&body);
        let _ = put.send().await.expect(201);
        Self {
            // A charge is its authorization, under another prefix.
            authorization: charge.replacen("ch_", "auth_", 1),
            session: charge.replacen("ch_", "apm_", 1),
            charge,
            job: id(&job),
            rotation: id(&rotation),
            refunds_job: id(&refunds_job),
            link: id(&link),
            rule: id(&rule),
            decision: decision.json()["decision_id"].as_str().expect("a decision").to_owned(),
            connector: id(&connector),
            routing_rule: id(&routing_rule),
            callback,
            upload: id(&upload),
            intent: id(&intent),
            method,
            refund: id(&refund),
            dispute: id(&dispute),
            dispute_uuid,
            order,
            key: id(&key),
        }
    }

    /// The path with what belongs into it.
    pub(crate) fn fill(&self, path: &str) -> String {
        let mut filled = String::new();
        for part in path.split('/').skip(1) {
            let value = match part {
                "{intent_id}" => &self.intent,
                "{refund_id}" => &self.refund,
                "{dispute_id}" if path.starts_with("/adventures/") => &self.dispute_uuid,
                "{dispute_id}" => &self.dispute,
                "{reference}" => &self.order,
                "{charge_id}" => &self.charge,
                "{customer_id}" => CUSTOMER,
                "{authorization_id}" => &self.authorization,
                "{job_id}" => &self.job,
                "{link_id}" if path.starts_with("/hotels/") => NOBODYS,
                "{reservation_id}" | "{gateway}" => "stripe",
                "{hotel_id}" => "hotel-1",
                "{link_id}" => &self.link,
                "{rule_id}" => &self.rule,
                "{decision_id}" => &self.decision,
                "{callback_id}" => &self.callback,
                "{upload_id}" => &self.upload,
                "{apm_id}" if path.ends_with("/initiate") => "ideal",
                // No session: it is a card's attempt.
                "{apm_id}" => &self.session,
                "{token}" => "nobody-has-this-token",
                "{nonce}" => "nonce",
                "{connector_id}" if path.contains("/webhook/") => "simulator",
                "{connector_id}" => &self.connector,
                "{routing_rule_id}" => &self.routing_rule,
                "{hash}" => "00",
                "{payment_id}" | "{guest_id}" => NOBODYS,
                "{number}" => "1",
                "{id}" if path.starts_with("/rentals/") => "1",
                _ if part.starts_with('{') && path.contains("/keys/") => &self.key,
                _ if part.starts_with('{') && path.contains("/methods/") => &self.method,
                _ if part.starts_with('{') => panic!("no value for {part} of {path}: add one here"),
                _ => part,
            };
            filled.push('/');
            filled.push_str(value);
        }
        filled
    }

    /// A body that the route would take.
    pub(crate) fn body(&self, route: &Route) -> Value {
        match (route.method.as_str(), route.path.rsplit('/').next().unwrap_or_default()) {
            ("POST", "attach-method") => json!({"payment_method_id": self.method}),
            ("POST", "verify") => json!({"payment_method_id": self.method}),
            ("POST", "attach") => json!({"payment_method_id": self.method, "customer_id": "cust_other"}),
            ("POST", "disputes") if route.path.starts_with("/adventures/") => json!({
                "payment_id": NOBODYS, "guest_id": NOBODYS, "reason": "OTHER", "requested_amount": 1,
                "description": "theirs",
            }),
            ("POST", "resolve") if route.path.starts_with("/adventures/") => {
                json!({"decision": "FULL_REFUND", "reason": "theirs", "version": 1})
            }
            ("PATCH", "{dispute_id}") if route.path.starts_with("/adventures/") => {
                json!({"add_note": "theirs", "version": 1})
            }
            ("POST", "resolve") if route.path.contains("/disputes/") => {
                json!({"outcome": "lost", "reason": "theirs"})
            }
            ("POST", "resolve") if route.path.contains("/refunds/") => {
                json!({"outcome": "failed", "reason": "theirs"})
            }
            ("POST", "resolve") => json!({
                "attempt_id": self.charge.replacen("ch_", "att_", 1), "outcome": "not_done", "reason": "theirs",
            }),
            ("POST", "submit-evidence") => {
                json!({"evidence": [
                    {"kind": "other", "text": "theirs"}, {"kind": "other", "upload_id": self.upload},
                ]})
            }
            ("POST", "uploads") => declared(),
            ("POST", "rotate-credentials") => json!({"config": {}}),
            ("POST", "handle") => json!({"reason": "theirs"}),
            ("POST", "bulk") if route.path.contains("/refunds/") => {
                json!({"refunds": [{"payment_intent_id": self.intent, "amount": 1}]})
            }
            ("POST", "bulk") => json!({"intents": [{"amount": 1, "currency": "EUR"}]}),
            ("POST", "adjustments") => json!({
                "customer_id": "cust_another", "type": "grant", "amount": 1, "currency": "EUR",
                "merchant_account_id": "ma_default", "reason": "theirs",
            }),
            ("POST", "complete") => json!({"result": "success"}),
            ("POST", "initiate") => json!({"payment_intent_id": self.intent}),
            ("POST", "intents") => {
                json!({"amount": 1, "currency": "EUR", "payment_method_id": self.method, "confirm": true})
            }
            ("POST", "refunds") if route.path.starts_with("/hotels/") => {
                json!({"payment_id": NOBODYS, "reason": "theirs", "channel": "AGENT"})
            }
            ("PATCH", "{reservation_id}") => json!({"status": "CANCELLED"}),
            ("POST", "refunds") => json!({"payment_intent_id": self.intent, "amount": 1}),
            ("POST", "disputes") => {
                json!({"payment_intent_id": self.intent, "amount": 1, "reason_code": "fraud"})
            }
            ("POST", "{link_id}") => json!({"expires_at": "2099-01-01T00:00:00Z"}),
            ("POST", "send") => json!({"channels": ["email"]}),
            ("POST", "refund") => json!({"payment_id": 1, "amount": 1, "reason": "none"}),
            ("PUT", "decline-table") => json!({"retryable_declines": [], "version": 1}),
            ("PATCH", "{connector_id}" | "{routing_rule_id}") => json!({"priority": 1, "version": 1}),
            ("PATCH", "{dispute_id}") => json!({"note": "theirs", "version": 1}),
            ("PATCH", _) => json!({"metadata": {"by": "another"}, "version": 1}),
            _ => json!({}),
        }
    }
}

/// Every route of every document.
pub(crate) async fn routes(system: &System) -> Vec<Route> {
    let mut routes = Vec::new();
    for base in system.api.edge().bases() {
        let document =
            system.api.call_url(Method::GET, &format!("{base}/openapi.json")).send().await.expect(200);
        assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"), "{base}");
        let paths = document["paths"].as_object().unwrap_or_else(|| panic!("{base} documents no paths"));
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().expect("operations") {
                let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
                let security = operation["security"].as_array().cloned().unwrap_or_default();
                let scopes = security.iter().filter_map(|one| one.as_object()).flat_map(|one| one.values());
                let scopes = scopes.flat_map(|scopes| scopes.as_array().cloned().unwrap_or_default());
                routes.push(Route {
                    base: base.to_owned(),
                    method,
                    path: path.clone(),
                    scopes: scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect(),
                    open: security.is_empty()
                        || security.iter().any(|one| one.as_object().is_some_and(serde_json::Map::is_empty)),
                });
            }
        }
    }
    assert!(routes.len() > 20, "the documents have {} routes only", routes.len());
    routes
}

pub(crate) async fn ask(api: &tender_e2e::Api, route: &Route, owned: &Owned) -> Answer {
    let mut path = route.path.clone();
    // Every service answers for its own jobs under this path.
    for (scope, job) in [("vault:read", &owned.rotation), ("refunds:read", &owned.refunds_job)] {
        if route.scopes.iter().any(|wanted| wanted == scope) {
            path = path.replace("{job_id}", job);
        }
    }
    let mut path = owned.fill(&path);
    if path.ends_with("/3ds/lookup") {
        path = format!("{path}?payment_method_id={}", owned.method);
    }
    let call = api.call_url(route.method.clone(), &format!("{}{path}", route.base)).key(&unique("access"));
    match route.method {
        Method::GET | Method::DELETE => call.send().await,
        _ => call.json(&owned.body(route)).send().await,
    }
}
