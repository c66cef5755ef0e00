//! Who may do what: every route of every document, by nobody, by somebody without its scope, by another tenant.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{System, eventually, unique};

use crate::routes::{Owned, ask, routes};

/// Every scope there is, but the services' own.
const SCOPES: [&str; 31] = [
    "intents:read",
    "intents:write",
    "intents:resolve",
    "methods:read",
    "methods:write",
    "methods:attach",
    "refunds:read",
    "refunds:write",
    "refunds:resolve",
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
        "/pay/{token}/method",
        "/pay/{token}/return",
        "/pay/{token}/review",
        "/pay-assets/pay.css",
        // Whoever has a signed link puts or reads one file.
        "/v1/payments/uploads/{upload_id}/content",
        "/livez",
        "/readyz",
        "/v1/payments/health",
        "/openapi.json",
        "/docs",
    ];
    let unknown: Vec<&String> = open.iter().filter(|path| !known.contains(&path.as_str())).collect();
    assert!(unknown.is_empty(), "these ask for no credential: {unknown:?}");
}

/// Which scopes each built-in role has, as it is documented.
const ROLES: &str = include_str!("../../../../docs/api-design.md");

/// The built-in roles with their scopes, as the documents' table has them: a column each.
fn roles() -> Vec<(&'static str, BTreeSet<&'static str>)> {
    let begins = ROLES.find("<!-- generated: roles -->").expect("the table of roles");
    let mut rows = ROLES[begins..].lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let cells = |row: &'static str| row.split('|').map(|cell| cell.trim().trim_matches('`'));
    let names = cells(rows.next().expect("its head")).skip(1);
    let mut roles: Vec<_> = names.map(|name| (name, BTreeSet::new())).collect();
    for row in rows.skip(1).take(SCOPES.len()) {
        let mut cells = cells(row);
        let scope = cells.next().expect("a scope");
        assert!(SCOPES.contains(&scope), "{scope} is not walked");
        for ((_, scopes), _) in roles.iter_mut().zip(cells).filter(|(_, cell)| *cell == "✓") {
            scopes.insert(scope);
        }
    }
    roles
}

/// Where a role is refused although it has the scope: what the rentals document leaves to administrators, and what goes
/// out in a hotel's name.
const REFUSED_BESIDE: [(&str, &str); 2] =
    [("agent", "/rentals/payments/refund"), ("customer", "/hotels/payment-links")];

/// Whether a role is let in is what the documents' table says, at every route. It asks for what is another tenant's, so
/// that whoever is let in changes nothing there; what it may do with its own, other promises say.
pub(crate) async fn every_built_in_role_is_let_in_where_its_scopes_say_and_refused_elsewhere(
    system: &System,
) {
    let (shop, stranger) = (system.tenant(), system.tenant());
    let owned = Owned::of(&shop).await;
    let roles = roles();
    assert_eq!(roles.len(), 9, "{roles:?}");
    let mut wrong = Vec::new();
    for route in routes(system).await.iter().filter(|route| !route.open) {
        for (role, scopes) in &roles {
            let may = route.scopes.iter().any(|scope| scopes.contains(scope.as_str()))
                && !REFUSED_BESIDE.contains(&(*role, &*route.path));
            let answer = ask(&stranger.with_role(role), route, &owned).await;
            let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
            let code = body["code"].as_str().or(body["error_code"].as_str()).or(body["error"].as_str());
            let refused = answer.status == 403
                && ["insufficient_scope", "FORBIDDEN", "PERMISSION_DENIED"]
                    .contains(&code.unwrap_or_default());
            let is_known = answer.status != 401 && answer.status < 500;
            if may == refused || !is_known {
                wrong.push(format!("{role}, who may{}: {answer}", if may { "" } else { " not" }));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are let in wrongly:\n{}", wrong.len(), wrong.join("\n"));
}

/// The tables in which a tenant's own things are.
const TABLES: [&str; 20] = [
    "intents.intents",
    "intents.attempts",
    "vault.payment_methods",
    "vault.data_keys",
    "refunds.refunds",
    "refunds.disputes",
    "refunds.dispute_cases",
    "refunds.dispute_notes",
    "refunds.dispute_replies",
    "refunds.uploads",
    "settlement.store_credit_adjustments",
    "operations.api_keys",
    "intents.orders",
    "intents.job_items",
    "refunds.job_items",
    "intents.payment_links",
    "intents.fraud_rule_sets",
    "intents.connectors",
    "intents.routing_rule_sets",
    "vault.connector_secrets",
];

pub(crate) async fn no_tenant_reaches_anything_of_another(system: &System) {
    let (shop, stranger) = (system.tenant(), system.tenant());
    let owned = Owned::of(&shop).await;
    let everything = stranger.with_scopes(&SCOPES);
    let of_shop = |database: &tender_e2e::Database| {
        let digest = |table: &&str| {
            format!(
                "(SELECT count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {table} t \
                 WHERE tenant_id = '{}') AS \"{table}\"",
                shop.name
            )
        };
        let columns: Vec<String> = TABLES.iter().map(digest).collect();
        database.query(&format!("SELECT {}", columns.join(", ")))
    };
    eventually("the intent tells of its refund", || async {
        (shop.intent(&owned.intent).await["amount_refunded"] == 101).then_some(())
    })
    .await;
    let before = of_shop(&system.database);
    for route in routes(system).await.iter().filter(|route| !route.open) {
        let named = format!("{} {}", route.method, route.path);
        let answer = ask(&everything, route, &owned).await;
        let names_ours = route.path.contains('{')
            || route.path.ends_with("/3ds/lookup")
            || ["attach", "verify", "refunds", "disputes"]
                .iter()
                .any(|end| route.path.ends_with(end) && route.method == Method::POST);
        if route.path.starts_with("/internal/") {
            assert_eq!(answer.status, 403, "{named}: {answer}");
        } else if names_ours && route.method != Method::PUT && !route.path.contains("{hotel_id}") {
            let is_empty = |list: &str| answer.json()[list] == json!([]);
            let list = answer.status == 200 && (is_empty("data") || is_empty("items"));
            assert!([403, 404].contains(&answer.status) || list, "{named}: {answer}");
        } else if route.method == Method::GET && answer.status == 200 {
            for id in [
                &owned.intent,
                &owned.method,
                &owned.refund,
                &owned.dispute,
                &owned.dispute_uuid,
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
