//! Who may do what: every route of every document, by nobody, by somebody without its scope, by another tenant.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, System, Tenant, eventually, unique};

/// Every scope there is, but the services' own.
const SCOPES: [&str; 30] = [
    "intents:read",
    "intents:write",
    "intents:resolve",
    "methods:read",
    "methods:write",
    "methods:attach",
    "refunds:read",
    "refunds:write",
    "disputes:read",
    "disputes:write",
    "disputes:resolve",
    "connectors:read",
    "connectors:write",
    "fraud:read",
    "fraud:write",
    "orders:read",
    "orders:write",
    "ledger:read",
    "settlements:read",
    "settlements:write",
    "keys:read",
    "keys:write",
    "settings:read",
    "settings:write",
    "webhooks:write",
    "audit:read",
    "diagnostics:read",
    "vault:read",
    "vault:write",
    "sandbox:use",
];

/// A route as its document has it.
#[derive(Debug)]
struct Route {
    base: String,
    method: Method,
    path: String,
    /// Any of these opens it; an empty one stands for no credential at all.
    scopes: Vec<String>,
    open: bool,
}

/// What storefronts know by UUID: none of any tenant's own.
const NOBODYS: &str = "0190a6f0-2c1e-7b3a-9c4d-ffffffffffff";
/// What a tenant has, by the name of the path's parameter.
struct Owned {
    intent: String,
    method: String,
    refund: String,
    dispute: String,
    order: String,
    key: String,
    charge: String,
    authorization: String,
    session: String,
    job: String,
    rotation: String,
    link: String,
    rule: String,
    decision: String,
}

impl Owned {
    async fn of(shop: &Tenant) -> Self {
        let id = |value: &Value| value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned();
        let method = shop.method("tok_visa").await;
        let intent = shop.pay(&method, 900, "EUR").await;
        let refund = json!({"payment_intent_id": intent["id"], "amount": 100});
        let refund = shop.api.post("/v1/payments/refunds", &refund).await.expect(201);
        let dispute = json!({"payment_intent_id": intent["id"], "amount": 100, "reason_code": "fraud"});
        let dispute = shop.api.post("/v1/payments/disputes", &dispute).await.expect(201);
        let key = json!({"name": "till", "scopes": ["intents:read"]});
        let key = shop.api.post("/v1/payments/keys", &key).await.expect(201);
        let job = json!({"intents": [{"amount": 900, "currency": "EUR"}]});
        let job = shop.api.post("/v1/payments/intents/bulk", &job).await.expect(202);
        let path = format!("/v1/payments/jobs/{}", id(&job));
        // What it makes is the tenant's own doing, and done before others try.
        eventually("the job is completed", || async {
            (shop.api.get(&path).await.expect(200)["status"] == "completed").then_some(())
        })
        .await;
        let rotation = shop.api.post("/v1/payments/vault/keys/rotate", &json!({})).await.expect(202);
        let path = format!("/v1/payments/jobs/{}", id(&rotation));
        eventually("the keys are rotated", || async {
            (shop.api.get(&path).await.expect(200)["status"] == "completed").then_some(())
        })
        .await;
        let charge = intent["latest_charge"].as_str().expect("a charge").to_owned();
        let link = json!({"amount": 900, "currency": "EUR"});
        let link = shop.api.post("/v1/payments/payment-links", &link).await.expect(201);
        let rule = json!({
            "name": "far too much",
            "condition": {"amount_above": {"limit": 99_999_999, "currency": "EUR"}},
            "effect": {"action": "deny"},
        });
        let rule = shop.api.post("/v1/payments/fraud/rules", &rule).await.expect(201);
        let decision = json!({"intent_id": intent["id"]});
        let decision = shop.api.post("/v1/payments/fraud/score", &decision).await;
        assert!(decision.status < 300, "{decision}");
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
            link: id(&link),
            rule: id(&rule),
            decision: decision.json()["decision_id"].as_str().expect("a decision").to_owned(),
            intent: id(&intent),
            method,
            refund: id(&refund),
            dispute: id(&dispute),
            order,
            key: id(&key),
        }
    }

    /// The path with what belongs into it.
    fn fill(&self, path: &str) -> String {
        let mut filled = String::new();
        for part in path.split('/').skip(1) {
            let value = match part {
                "{intent_id}" => &self.intent,
                "{refund_id}" => &self.refund,
                "{dispute_id}" => &self.dispute,
                "{reference}" => &self.order,
                "{charge_id}" => &self.charge,
                "{authorization_id}" => &self.authorization,
                "{job_id}" => &self.job,
                "{link_id}" if path.starts_with("/hotels/") => NOBODYS,
                "{reservation_id}" | "{gateway}" => "stripe",
                "{link_id}" => &self.link,
                "{rule_id}" => &self.rule,
                "{decision_id}" => &self.decision,
                "{apm_id}" if path.ends_with("/initiate") => "ideal",
                // No session: it is a card's attempt.
                "{apm_id}" => &self.session,
                "{token}" => "nobody-has-this-token",
                "{nonce}" => "nonce",
                "{connector_id}" => "simulator",
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
    fn body(&self, route: &Route) -> Value {
        match (route.method.as_str(), route.path.rsplit('/').next().unwrap_or_default()) {
            ("POST", "attach-method") => json!({"payment_method_id": self.method}),
            ("POST", "attach") => json!({"payment_method_id": self.method, "customer_id": "cust_other"}),
            ("POST", "resolve") if route.path.contains("/disputes/") => {
                json!({"outcome": "lost", "reason": "theirs"})
            }
            ("POST", "resolve") => json!({
                "attempt_id": self.charge.replacen("ch_", "att_", 1), "outcome": "not_done", "reason": "theirs",
            }),
            ("POST", "bulk") => json!({"intents": [{"amount": 1, "currency": "EUR"}]}),
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
            ("PATCH", "{dispute_id}") => json!({"note": "theirs", "version": 1}),
            ("PATCH", _) => json!({"metadata": {"by": "another"}, "version": 1}),
            _ => json!({}),
        }
    }
}

/// Every route of every document.
async fn routes(system: &System) -> Vec<Route> {
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

async fn ask(api: &tender_e2e::Api, route: &Route, owned: &Owned) -> Answer {
    let mut path = route.path.clone();
    if route.scopes.iter().any(|scope| scope == "vault:read") {
        // Every service answers for its own jobs under this path.
        path = path.replace("{job_id}", &owned.rotation);
    }
    let path = owned.fill(&path);
    let call = api.call_url(route.method.clone(), &format!("{}{path}", route.base)).key(&unique("access"));
    match route.method {
        Method::GET | Method::DELETE => call.send().await,
        _ => call.json(&owned.body(route)).send().await,
    }
}

pub(crate) async fn every_route_asks_for_a_credential_and_its_scope(system: &System) {
    let shop = system.tenant();
    let owned = Owned::of(&shop).await;
    let mut open = BTreeSet::new();
    for route in routes(system).await {
        let named = format!("{} {}", route.method, route.path);
        if route.open {
            open.insert(route.path.clone());
            continue;
        }
        let nobody = ask(&system.api, &route, &owned).await;
        let storefront =
            ["/rentals/", "/adventures/", "/hotels/"].iter().any(|prefix| route.path.starts_with(prefix));
        if storefront {
            assert_eq!(nobody.storefront_code(401), "UNAUTHORIZED", "{named}");
        } else {
            assert_eq!(nobody.problem(401), "unauthorized", "{named}");
        }
        assert!(!nobody.header("www-authenticate").is_empty(), "{nobody}");
        assert!(!route.scopes.is_empty(), "{named} documents no scope");
        let others: Vec<&str> =
            SCOPES.into_iter().filter(|scope| !route.scopes.iter().any(|one| one == scope)).collect();
        let poor = ask(&shop.with_scopes(&others), &route, &owned).await;
        if storefront {
            let code = poor.storefront_code(403);
            assert!(matches!(&*code, "FORBIDDEN" | "PERMISSION_DENIED"), "{named}: {poor}");
        } else {
            assert_eq!(poor.problem(403), "insufficient_scope", "{named}");
        }
        assert!(
            route.scopes.iter().any(|scope| poor.text.contains(scope.as_str())),
            "{named} does not say: {poor}"
        );
    }
    let known = [
        "/tickets/payments",
        // Gateways sign what they send, or are not believed; nor are payers who come back from them.
        "/v1/payments/webhook/gateway",
        "/v1/payments/webhook/gateway/{connector_id}",
        "/hotels/payments/{payment_id}/notify",
        "/hotels/payments/{payment_id}/return",
        "/rentals/payments/gateway/{gateway}/callback",
        // Whoever has a payment link pays it; its card form goes to the vault.
        "/pay/{token}",
        "/pay/{token}/card",
        "/pay/{token}/confirm",
        "/pay/{token}/return",
        "/pay/{token}/review",
        "/pay-assets/pay.css",
        "/livez",
        "/readyz",
        "/v1/payments/health",
        "/openapi.json",
        "/docs",
    ];
    let unknown: Vec<&String> = open.iter().filter(|path| !known.contains(&path.as_str())).collect();
    assert!(unknown.is_empty(), "these ask for no credential: {unknown:?}");
}

pub(crate) async fn no_tenant_reaches_anything_of_another(system: &System) {
    let (shop, stranger) = (system.tenant(), system.tenant());
    let owned = Owned::of(&shop).await;
    let everything = stranger.with_scopes(&SCOPES);
    let of_shop = |database: &tender_e2e::Database| {
        let tables = [
            "intents.intents",
            "intents.attempts",
            "vault.payment_methods",
            "vault.data_keys",
            "refunds.refunds",
            "refunds.disputes",
            "operations.api_keys",
            "intents.orders",
            "intents.job_items",
            "intents.payment_links",
            "intents.fraud_rule_sets",
        ];
        let digest = |table: &&str| {
            format!(
                "(SELECT count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {table} t \
                 WHERE tenant_id = '{}') AS \"{table}\"",
                shop.name
            )
        };
        let columns: Vec<String> = tables.iter().map(digest).collect();
        database.query(&format!("SELECT {}", columns.join(", ")))
    };
    eventually("the intent tells of its refund", || async {
        (shop.intent(&owned.intent).await["amount_refunded"] == 100).then_some(())
    })
    .await;
    let before = of_shop(&system.database);
    for route in routes(system).await.iter().filter(|route| !route.open) {
        let named = format!("{} {}", route.method, route.path);
        let answer = ask(&everything, route, &owned).await;
        let names_ours = route.path.contains('{')
            || ["attach", "refunds", "disputes"]
                .iter()
                .any(|end| route.path.ends_with(end) && route.method == Method::POST);
        if route.path.starts_with("/internal/") {
            assert_eq!(answer.status, 403, "{named}: {answer}");
        } else if names_ours && route.method != Method::PUT {
            let is_empty = |list: &str| answer.json()[list] == json!([]);
            let list = answer.status == 200 && (is_empty("data") || is_empty("items"));
            assert!([403, 404].contains(&answer.status) || list, "{named}: {answer}");
        } else if route.method == Method::GET && answer.status == 200 {
            for id in [
                &owned.intent,
                &owned.method,
                &owned.refund,
                &owned.dispute,
                &owned.key,
                &owned.order,
                &shop.name,
            ] {
                assert!(!answer.text.contains(id.as_str()), "{named} shows {id}: {answer}");
            }
        }
    }
    assert_eq!(of_shop(&system.database), before, "another tenant's calls changed something");
}

pub(crate) async fn a_customer_sees_its_own_alone(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let pay = |customer: &str| {
        let body = json!({"amount": 900, "currency": "EUR", "payment_method_id": method, "confirm": true,
                          "customer_id": customer});
        let shop = shop.clone();
        async move { shop.api.post("/v1/payments/intents", &body).await.expect(201)["id"].clone() }
    };
    let (mine, theirs) = (pay("cust_me").await, pay("cust_other").await);
    let me = shop.customer("cust_me");
    let read = |id: &Value| format!("/v1/payments/intents/{}", id.as_str().expect("an id"));
    assert_eq!(me.get(&read(&mine)).await.status, 200);
    assert_eq!(me.get(&read(&theirs)).await.problem(404), "not_found");
    let listed = me.get("/v1/payments/intents").await.expect(200);
    let ids: Vec<&Value> =
        listed["data"].as_array().expect("a list").iter().map(|intent| &intent["id"]).collect();
    assert_eq!(ids, [&mine], "{listed}");
    assert_eq!(me.get("/v1/payments/ledger/accounts").await.status, 403);
}

pub(crate) async fn a_new_key_works_at_once_and_a_revoked_one_stops(system: &System) {
    let shop = system.tenant();
    let body = json!({"name": "till", "scopes": ["intents:read", "methods:read"]});
    let key = shop.api.post("/v1/payments/keys", &body).await.expect(201);
    let secret = key["secret"].as_str().expect("the secret, this once").to_owned();
    let till = system.api.with(&secret);
    for path in ["/v1/payments/intents", "/v1/payments/methods"] {
        assert_eq!(till.get(path).await.expect(200)["data"], json!([]), "{path}");
    }
    assert_eq!(till.get("/v1/payments/refunds").await.problem(403), "insufficient_scope");
    let listed = shop.api.get("/v1/payments/keys").await;
    assert!(!listed.text.contains(&secret), "a list shows the secret");
    let dump = system.database.dump();
    assert!(!dump.contains(&secret), "the database holds the secret");
    let path = format!("/v1/payments/keys/{}", key["id"].as_str().expect("an id"));
    let revoked = shop.api.call(Method::DELETE, &path).key(&unique("revoke")).send().await;
    assert!((200..300).contains(&revoked.status), "{revoked}");
    for path in ["/v1/payments/intents", "/v1/payments/methods"] {
        eventually("the key is refused", || async { (till.get(path).await.status == 401).then_some(()) })
            .await;
    }
}
