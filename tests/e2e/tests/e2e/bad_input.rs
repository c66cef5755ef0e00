//! Bad input: what it is answered, and that it leaves nothing behind.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Api, Contents, System, eventually, unique};

use crate::bad_stage::{Case, Stage};

pub(crate) const INTENTS: &str = "/v1/payments/intents";
const METHODS: &str = "/v1/payments/methods";
const REFUNDS: &str = "/v1/payments/refunds";
const KEYS: &str = "/v1/payments/keys";
/// A published test number: what looks like a card number is refused wherever free text goes.
const PAN: &str = "4000056655665556";

pub(crate) async fn is_refused_as_problem_details_and_changes_nothing(system: &System) {
    let stage = Stage::set(system).await;
    let mut cases = fields(&stage);
    cases.extend(amounts(&stage));
    cases.extend(card_numbers(&stage));
    cases.extend(bodies(&stage));
    cases.extend(strangers(&stage));
    cases.extend(preconditions(&stage));
    cases.extend(queries(&stage));
    let mut before = settled(system).await;
    let mut wrong = Vec::new();
    for case in cases {
        if let Err(why) = refused(&case).await {
            wrong.push(format!("{}: {why}", case.what));
        }
        let after = system.database.contents();
        // A refusal of business may be kept, so that the same key is answered the same for ever.
        let is_kept = |table: &String| case.status == 422 && table.ends_with(".idempotency_keys");
        let mut moved = changed(&before, &after);
        moved.retain(|table| !is_kept(table));
        if !moved.is_empty() {
            wrong.push(format!("{} changed {moved:?}", case.what));
        }
        before = if moved.is_empty() { after } else { settled(system).await };
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn refused(case: &Case) -> Result<(), String> {
    let mut call = case.api.call(case.method.clone(), &case.path);
    let says = |name: &str| case.headers.iter().any(|(header, _)| *header == name);
    if !says("idempotency-key") {
        call = call.key(&unique("bad"));
    }
    if case.body.is_some() && !says("content-type") {
        call = call.header("content-type", "application/json");
    }
    for (name, value) in &case.headers {
        call = call.header(name, value);
    }
    let answer = match &case.body {
        Some(body) => call.bare(body.clone()).send().await,
        None => call.send().await,
    };
    if answer.status != case.status {
        return Err(format!("not {}: {answer}", case.status));
    }
    let code = answer.problem(case.status);
    if !case.code.is_empty() && code != case.code {
        return Err(format!("not {}: {answer}", case.code));
    }
    if answer.text.contains(PAN) {
        return Err(format!("the card number is repeated: {answer}"));
    }
    Ok(())
}

/// The contents once followers have handled what there was.
async fn settled(system: &System) -> Contents {
    eventually("the followers have caught up", || async {
        let before = system.database.contents();
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        (system.database.contents() == before).then_some(before)
    })
    .await
}

fn changed(before: &Contents, after: &Contents) -> Vec<String> {
    let names = after.iter().filter(|(name, digest)| before.get(*name) != Some(digest));
    names.map(|(name, _)| name.clone()).collect()
}

fn fields(stage: &Stage) -> Vec<Case> {
    let intent =
        |what: &str, changes: Value, code| stage.post(what, INTENTS, stage.intent_with(&changes), 400, code);
    vec![
        intent("an unknown field", json!({"amout": 1}), "unknown_field"),
        intent("an unknown field inside", json!({"payment_method_options": {"cart": {}}}), "unknown_field"),
        intent("a number as text", json!({"amount": "1000"}), "invalid_field"),
        intent("a text as number", json!({"currency": 978}), "invalid_field"),
        intent("a list as text", json!({"description": ["x"]}), "invalid_field"),
        intent("an object as flag", json!({"confirm": {}}), "invalid_field"),
        intent("nothing where a number is needed", json!({"amount": null}), ""),
        intent("an unknown word", json!({"capture_mode": "later"}), "invalid_field"),
        intent("an unknown currency", json!({"currency": "ZZZ"}), "unknown_currency"),
        intent("a currency in small letters that is none", json!({"currency": "eurx"}), ""),
        intent("an id of another kind", json!({"payment_method_id": stage.intent}), "invalid_id"),
        intent("an id that is none", json!({"payment_method_id": "pm_!"}), "invalid_id"),
        intent(
            "modes that contradict",
            json!({"capture_mode": "auto", "payment_method_options": {"card": {"capture_method": "manual"}}}),
            "capture_mode_ambiguous",
        ),
        intent("a description that is too long", json!({"description": "x".repeat(100_000)}), ""),
        intent(
            "metadata values that are too long",
            json!({"metadata": {"k": "x".repeat(501)}}),
            "invalid_metadata",
        ),
        intent(
            "metadata of too many keys",
            json!({"metadata": (0..51).map(|n| (format!("k{n}"), json!("v"))).collect::<serde_json::Map<_, _>>()}),
            "invalid_metadata",
        ),
        intent("metadata that is no text", json!({"metadata": {"k": 1}}), "invalid_field"),
        intent("the character U+0000", json!({"description": "a\u{0}b"}), ""),
        intent("a date that is none", json!({"expires_at": "tomorrow"}), ""),
        stage.post("a missing field", INTENTS, json!({"currency": "EUR"}), 400, "missing_field"),
        stage.post("a method of no kind", METHODS, json!({"token": "tok_visa"}), 400, "missing_field"),
        stage.post("a key without scopes", KEYS, json!({"name": "x"}), 400, "missing_field"),
        stage.post(
            "a key of an unknown scope",
            KEYS,
            json!({"name": "x", "scopes": ["all"]}),
            422,
            "unknown_scope",
        ),
        stage.post("a refund of nothing", REFUNDS, json!({}), 400, "charge_required"),
        stage.post(
            "a refund of what is no id",
            REFUNDS,
            json!({"payment_intent_id": "1"}),
            400,
            "invalid_id",
        ),
    ]
}

fn amounts(stage: &Stage) -> Vec<Case> {
    let mut cases = Vec::new();
    for amount in [
        "0",
        "-1",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "1e3",
        "1.5",
        "1e400",
        "99999999999999999999999999",
    ] {
        let intent = stage.intent_with(&json!({})).to_string().replace("1000", amount);
        cases.push(stage.post(&format!("an intent of {amount}"), INTENTS, intent, 400, ""));
        let refund = format!(r#"{{"payment_intent_id": "{}", "amount": {amount}}}"#, stage.intent);
        // The largest number is an amount, and more than was captured: a refusal of business, kept for retries.
        if amount != "9223372036854775807" {
            cases.push(stage.post(&format!("a refund of {amount}"), REFUNDS, refund, 400, ""));
        }
        let capture = format!(r#"{{"amount": {amount}}}"#);
        let path = format!("{INTENTS}/{}/capture", stage.intent);
        let status = if amount == "9223372036854775807" { 409 } else { 400 };
        cases.push(stage.post(&format!("a capture of {amount}"), &path, capture, status, ""));
    }
    cases
}

fn card_numbers(stage: &Stage) -> Vec<Case> {
    let mut cases = Vec::new();
    for key in [PAN.to_owned(), format!("order-{PAN}")] {
        let body = stage.intent_with(&json!({}));
        let case = stage.post("a card number as idempotency key", INTENTS, body, 422, "card_number_detected");
        cases.push(Case { headers: vec![("idempotency-key", key)], ..case });
    }
    let body = stage.intent_with(&json!({"request_id": PAN}));
    cases.push(stage.post("a card number in request_id", INTENTS, body, 422, "card_number_detected"));
    let spaced = "4000 0566 5566 5556";
    for (name, value) in [
        ("description", json!(format!("card {PAN}"))),
        ("metadata", json!({"note": PAN})),
        ("metadata", json!({PAN: "note"})),
        ("metadata", json!({"note": spaced})),
        ("statement_descriptor", json!(PAN)),
        ("customer_id", json!(PAN)),
        ("order_ref", json!(PAN)),
        ("merchant_account_id", json!(PAN)),
    ] {
        let body = stage.intent_with(&json!({name: value}));
        cases.push(stage.post(
            &format!("a card number in {name}"),
            INTENTS,
            body,
            422,
            "card_number_detected",
        ));
    }
    let body = json!({"type": "card", "token": "tok_visa", "metadata": {"note": PAN}});
    cases.push(stage.post(
        "a card number in a method's metadata",
        METHODS,
        body,
        422,
        "card_number_detected",
    ));
    let body = json!({"type": "card", "token": "tok_visa", "customer_id": PAN});
    cases.push(stage.post(
        "a card number as a method's customer",
        METHODS,
        body,
        422,
        "card_number_detected",
    ));
    let body = json!({"payment_intent_id": stage.intent, "metadata": {"note": PAN}});
    cases.push(stage.post(
        "a card number in a refund's metadata",
        REFUNDS,
        body,
        422,
        "card_number_detected",
    ));
    let body = json!({"name": format!("key {PAN}"), "scopes": ["intents:read"]});
    cases.push(stage.post("a card number in a key's name", KEYS, body, 422, "card_number_detected"));
    cases
}

fn bodies(stage: &Stage) -> Vec<Case> {
    let good = stage.intent_with(&json!({})).to_string();
    let deep = format!("{{\"metadata\": {}{}}}", "[".repeat(3_000), "]".repeat(3_000));
    let big = stage.intent_with(&json!({"description": "x".repeat(2 * 1024 * 1024)}));
    let with = |case: Case, name: &'static str, value: &str| Case {
        headers: vec![(name, value.to_owned())],
        ..case
    };
    let mut cases = vec![
        stage.post("a body of 2 MiB", INTENTS, big, 413, "body_too_large"),
        stage.post("JSON nested 3,000 deep", INTENTS, deep, 400, "json_too_deep"),
        stage.post("half a body", INTENTS, &good[..good.len() / 2], 400, "malformed_json"),
        stage.post("a body and more", INTENTS, format!("{good}{good}"), 400, "malformed_json"),
        stage.post("a list", INTENTS, "[]", 400, ""),
        stage.post("a field twice", INTENTS, good.replacen('{', "{\"amount\": 1, ", 1), 400, ""),
        stage.post("an empty body", INTENTS, "", 400, ""),
        stage.case("no body", Method::POST, INTENTS, 400, ""),
    ];
    cases.push(with(
        stage.post("a form", INTENTS, "amount=1000", 415, ""),
        "content-type",
        "application/x-www-form-urlencoded",
    ));
    cases.push(with(stage.post("a compressed body", INTENTS, &good, 415, ""), "content-encoding", "gzip"));
    cases.push(stage.case("a method that is not there", Method::DELETE, INTENTS, 405, "method_not_allowed"));
    cases.push(stage.case("a path that is not there", Method::GET, "/v1/payments/nothing", 404, "not_found"));
    cases
}

fn strangers(stage: &Stage) -> Vec<Case> {
    let body = stage.intent_with(&json!({}));
    let foreign = stage.intent_with(&json!({"payment_method_id": stage.foreign_method}));
    let get = |what, path: String, status, code| stage.case(what, Method::GET, &path, status, code);
    let refund = json!({"payment_intent_id": stage.foreign_intent});
    let by = |api: &Api, case: Case| Case { api: api.clone(), ..case };
    let tenant = Case {
        headers: vec![("x-tenant-id", "sandbox".to_owned())],
        ..stage.post("another tenant's name", INTENTS, &body, 403, "tenant_mismatch")
    };
    vec![
        by(&stage.anonymous, stage.post("no credential", INTENTS, &body, 401, "unauthorized")),
        by(
            &stage.anonymous.with("sk_test_nothing"),
            stage.post("a key that is none", INTENTS, &body, 401, "unauthorized"),
        ),
        by(
            &stage.anonymous.with("e30.e30.e30"),
            stage.post("a token that is none", INTENTS, &body, 401, "unauthorized"),
        ),
        by(&stage.poor, stage.post("a wrong scope", INTENTS, &body, 403, "insufficient_scope")),
        by(&stage.poor, stage.post("a wrong scope and a bad body", INTENTS, "{", 403, "insufficient_scope")),
        tenant,
        stage.post("another tenant's method", INTENTS, foreign, 422, "payment_method_not_found"),
        get("another tenant's intent", format!("{INTENTS}/{}", stage.foreign_intent), 404, "not_found"),
        get("another tenant's method, read", format!("{METHODS}/{}", stage.foreign_method), 404, "not_found"),
        stage.post(
            "another tenant's intent, confirmed",
            &format!("{INTENTS}/{}/confirm", stage.foreign_intent),
            "{}",
            404,
            "not_found",
        ),
        stage.post("another tenant's intent, refunded", REFUNDS, refund, 404, "not_found"),
    ]
}

fn preconditions(stage: &Stage) -> Vec<Case> {
    let method = format!("{METHODS}/{}", stage.method);
    let change = json!({"metadata": {"a": "b"}}).to_string();
    let patch = |what, status, code, if_match: Option<&str>| Case {
        body: Some(change.clone()),
        headers: if_match.map(|value| ("if-match", value.to_owned())).into_iter().collect(),
        ..stage.case(what, Method::PATCH, &method, status, code)
    };
    let attach = json!({"payment_method_id": stage.method, "version": 99});
    vec![
        patch("a stale ETag", 412, "stale_version", Some("\"99\"")),
        patch("no version", 428, "version_required", None),
        patch("an If-Match that is no ETag", 400, "invalid_if_match", Some("99")),
        stage.post(
            "a stale version",
            &format!("{INTENTS}/{}/attach-method", stage.intent),
            attach,
            412,
            "stale_version",
        ),
    ]
}

fn queries(stage: &Stage) -> Vec<Case> {
    let mut cases = Vec::new();
    for (query, status) in [
        ("limit=0", 400),
        ("limit=101", 400),
        ("limit=ten", 400),
        ("limit=-1", 400),
        ("page_size=3", 400),
        ("status=done", 400),
        ("cursor=%ff", 400),
        ("created[gte]=yesterday", 400),
        ("starting_after=pi_1", 400),
    ] {
        cases.push(stage.case(&format!("?{query}"), Method::GET, &format!("{INTENTS}?{query}"), status, ""));
    }
    let both = format!("{INTENTS}?starting_after={0}&ending_before={0}", stage.intent);
    cases.push(stage.case("both ways at once", Method::GET, &both, 400, ""));
    cases
}
