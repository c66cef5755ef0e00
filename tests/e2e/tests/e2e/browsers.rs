//! Calls of browsers from pages of other origins: as the tenant's settings allow, in every service.

use reqwest::Method;
use serde_json::json;
use tender_e2e::{Answer, Api, System, eventually, unique};

const ALLOWED: &str = "access-control-allow-origin";
/// A page of each service that browsers call.
const PLACES: [&str; 2] = ["/v1/payments/intents", "/v1/payments/methods"];

/// What a browser asks before a page's call.
async fn ask_before(api: &Api, path: &str, origin: &str) -> Answer {
    api.call(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,idempotency-key")
        .send()
        .await
}

/// A page's call.
async fn from_page(api: &Api, method: Method, path: &str, origin: &str) -> Answer {
    api.call(method, path).header("origin", origin).key(&unique("page")).send().await
}

pub(crate) async fn may_call_from_the_origins_that_the_tenant_allows_and_from_no_other(system: &System) {
    let (shop, other) = (system.tenant(), system.tenant());
    let (page, evil) =
        (format!("https://{}.example", unique("shop")), format!("https://{}.example", unique("evil")));
    let body = json!({"name": "page", "scopes": ["methods:attach"], "publishable": true});
    let key = |answer: Answer| answer.expect(201)["secret"].as_str().expect("its text").to_owned();
    let mine = shop.api.with(key(shop.api.post("/v1/payments/keys", &body).await));
    let theirs = other.api.with(key(other.api.post("/v1/payments/keys", &body).await));
    let before = ask_before(&system.api, PLACES[0], &page).await;
    assert_eq!((before.status, before.header(ALLOWED)), (204, ""), "{before}");

    let settings = shop.api.get("/v1/payments/settings").await.expect(200);
    let change = json!({"allowed_origins": [page], "version": settings["version"]});
    let path = "/v1/payments/settings";
    let _ = shop.api.call(Method::PATCH, path).key(&unique("key")).json(&change).send().await.expect(200);
    for place in PLACES {
        eventually("the service has heard of it", || async {
            let asked = ask_before(&system.api, place, &page).await;
            (asked.header(ALLOWED) == page).then_some(())
        })
        .await;
        let asked = ask_before(&system.api, place, &page).await;
        assert!(asked.header("access-control-allow-methods").contains("POST"), "{asked}");
        assert!(asked.header("access-control-allow-headers").contains("idempotency-key"), "{asked}");
        assert_eq!(ask_before(&system.api, place, &evil).await.header(ALLOWED), "", "{place}");

        let read = from_page(&mine, Method::GET, place, &page).await;
        // Such a key may read nothing; the page is told so.
        assert_eq!(
            (read.status, read.header(ALLOWED), read.header("vary")),
            (403, &*page, "origin"),
            "{read}"
        );
        assert!(read.header("access-control-expose-headers").contains("etag"), "{read}");
        assert_eq!(from_page(&mine, Method::GET, place, &evil).await.header(ALLOWED), "", "{place}");
        // Another tenant's page is not helped by what this one allows, and neither is a secret that leaked into a page.
        assert_eq!(from_page(&theirs, Method::GET, place, &page).await.header(ALLOWED), "", "{place}");
        assert_eq!(from_page(&shop.api, Method::GET, place, &page).await.header(ALLOWED), "", "{place}");
    }

    // A client secret is of a browser too, and a refusal can be read there as well.
    let created = shop.api.post(PLACES[0], &json!({"amount": 500, "currency": "EUR"})).await.expect(201);
    let secret = shop.api.with(created["client_secret"].as_str().expect("a secret"));
    let path = format!("{}/{}", PLACES[0], created["id"].as_str().expect("an id"));
    assert_eq!(from_page(&secret, Method::GET, &path, &page).await.header(ALLOWED), page);
    let refused = from_page(&secret, Method::POST, &format!("{path}/confirm"), &page).await;
    assert!(refused.status >= 400, "{refused}");
    assert_eq!(refused.header(ALLOWED), page, "{refused}");
}

pub(crate) async fn keep_no_method_on_file_without_the_customers_consent(system: &System) {
    let shop = system.tenant();
    let body = json!({"name": "page", "scopes": ["methods:attach"], "publishable": true});
    let key = shop.api.post("/v1/payments/keys", &body).await.expect(201)["secret"].clone();
    let page = shop.api.with(key.as_str().expect("its text"));
    let saved = shop.api.post(PLACES[1], &json!({"type": "card", "token": "tok_visa"})).await.expect(201);
    let attach = json!({"payment_method_id": saved["id"], "customer_id": unique("cust")});
    let path = "/v1/payments/methods/attach";
    assert_eq!(page.post(path, &attach).await.problem(422), "consent_required");
    let mut agreed = attach.clone();
    agreed["consent"] = json!({"given": true, "text_version": "2026-01"});
    let kept = page.post(path, &agreed).await.expect(200);
    assert_eq!(
        (&kept["customer_id"], &kept["consent"]["text_version"]),
        (&attach["customer_id"], &json!("2026-01"))
    );
}
