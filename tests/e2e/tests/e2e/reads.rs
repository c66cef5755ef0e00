//! Reads of personal and payment data by people are in the audit log, whichever route showed it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tender_e2e::{System, eventually, unique};

use crate::routes::{Owned, ask, routes};

/// What tells of the tenant's own set-up, and of no person or payment.
const SET_UP: [&str; 3] = ["settings:read", "keys:read", "vault:read"];
const HEALTH: &str = "/v1/payments/health";

/// Who asks: nobody else of the tenant's.
const WHO: &str = "ada";

pub(crate) async fn what_a_person_reads_of_any_route_is_in_the_audit_log_and_what_a_machine_reads_is_not(
    system: &System,
) {
    let shop = system.tenant();
    let owned = Owned::of(&shop).await;
    let ada = shop.api.with(system.tokens.mint(&shop.name, WHO, &["admin"], &[]));
    let key = json!({"name": "machine", "scopes": ["intents:read", "refunds:read", "methods:read", "disputes:read"]});
    let machine = shop.api.post("/v1/payments/keys", &key).await.expect(201);
    let machine_id = machine["id"].as_str().expect("an id").to_owned();
    let machine = shop.api.with(machine["secret"].as_str().expect("the secret, this once"));

    let (mut shown, mut others) = (BTreeSet::new(), BTreeSet::new());
    let reads = routes(system).await;
    let reads =
        reads.iter().filter(|route| !route.open && route.scopes.iter().any(|one| one.ends_with(":read")));
    for route in reads {
        let answer = ask(&ada, route, &owned).await;
        let _ = ask(&machine, route, &owned).await;
        if !(200..300).contains(&answer.status) {
            continue;
        }
        let of_nobody = route.path == HEALTH || route.scopes.iter().any(|one| SET_UP.contains(&one.as_str()));
        let named = (format!("{} {}", route.method, route.path), answer.header("x-request-id").to_owned());
        if of_nobody {
            others.insert(named)
        } else {
            shown.insert(named)
        };
    }
    assert!(shown.len() > 25, "few routes showed anything: {shown:?}");

    let lines = || -> Vec<Value> {
        let told = system.events(&shop.name, "audit.recorded").into_iter().map(|event| event.json());
        told.filter(|line| line["details"]["route"].is_string()).collect()
    };
    let put_down = || -> BTreeSet<(String, String)> {
        let own = lines().into_iter().filter(|line| line["subject"] == WHO);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        own.map(|line| (documented(&text(&line["details"]["route"])), text(&line["details"]["request_id"])))
            .collect()
    };
    eventually("every read is told", || async { shown.is_subset(&put_down()).then_some(()) }).await;
    let besides: Vec<_> = put_down().intersection(&others).cloned().collect();
    assert!(besides.is_empty(), "these tell of nobody: {besides:?}");
    let by_machine: Vec<Value> =
        lines().into_iter().filter(|line| line["subject"] == machine_id.as_str()).collect();
    assert!(by_machine.is_empty(), "{by_machine:?}");

    let of_intent = lines().into_iter().find(|line| line["intentId"] == owned.intent.as_str());
    let of_intent = of_intent.expect("who read a payment is found by the payment");
    assert_eq!(of_intent["service"], "intents", "{of_intent}");
    let mail = format!("{}@guests.test", unique("ada"));
    let _ = ada.get(&format!("/v1/payments/intents?customer_id={mail}")).await;
    let _ = ada.get("/v1/payments/intents?customer_id=4242424242424242").await;
    eventually("the list is told", || async {
        lines().iter().any(|line| line["details"]["filters"] == "customer_id").then_some(())
    })
    .await;
    let all = lines().iter().map(Value::to_string).collect::<String>();
    assert!(!all.contains(&mail) && !all.contains("4242424242424242"), "a line holds more than ids");
}

/// The router's pattern as the document has it.
fn documented(route: &str) -> String {
    route.replace("{id:[0-9-]+}", "{id}")
}
