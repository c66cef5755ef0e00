use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::json;

use crate::rig::{Rig, SETTINGS, patch};

#[actix_web::test]
async fn the_defaults_hold_until_something_is_set() {
    let rig = Rig::new();
    let answer = rig.admin(TestRequest::get().uri(SETTINGS)).await;
    let settings = answer.json();
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"0\""));
    assert_eq!((&settings["id"], &settings["max_attempts"]), (&"acme".into(), &5.into()));
    assert_eq!((&settings["default_capture_mode"], &settings["created_at"]), (&"auto".into(), &json!(null)));
}

#[actix_web::test]
async fn what_is_set_is_read_back_and_told_whole() {
    let rig = Rig::new();
    let first = rig.admin(patch(&json!({
        "allowed_methods": ["card", "ideal"], "default_capture_mode": "manual", "three_ds_policy": "always",
        "max_authorization_amount": { "EUR": 500_000, "BHD": 1_234_567 }, "dispute_retention_days": 365,
        "max_attempts": 3, "allowed_origins": ["https://shop.example"], "version": 0,
    })))
    .await;
    assert_eq!((first.status.as_u16(), first.header("etag")), (200, "\"1\""), "{}", first.json());
    let second = rig
        .admin(
            patch(&json!({ "max_authorization_amount": { "EUR": null } }))
                .insert_header(("if-match", "\"1\"")),
        )
        .await;
    assert_eq!((second.status.as_u16(), second.header("etag")), (200, "\"2\""), "{}", second.json());
    let read = rig.admin(TestRequest::get().uri(SETTINGS)).await.json();
    assert_eq!(read, second.json());
    assert_eq!(read["max_authorization_amount"], json!({ "BHD": 1_234_567 }));
    assert_eq!((&read["max_attempts"], &read["three_ds_policy"]), (&3.into(), &"always".into()));

    let told = rig.told("settings.changed");
    assert_eq!(told.iter().map(|message| message.version.number()).collect::<Vec<_>>(), [1, 2]);
    assert!(told[1].data.contains(r#""amount":1234.567,"amountMinor":1234567"#), "{}", told[1].data);
    assert!(told[1].data.contains(r#""maxAttempts":3"#), "{}", told[1].data);

    let audits: Vec<serde_json::Value> = rig
        .told("audit.recorded")
        .iter()
        .map(|message| serde_json::from_str(&message.data).expect("JSON"))
        .collect();
    assert_eq!(audits.len(), 2);
    assert_eq!(
        (&audits[1]["action"], &audits[1]["subject"]),
        (&json!("settings.changed"), &json!("somebody"))
    );
    assert_eq!((&audits[1]["version"], &audits[1]["resourceId"]), (&json!(2), &json!("acme")));
    assert_eq!(audits[1]["details"]["changed"], "max_authorization_amount");
}

#[actix_web::test]
async fn who_does_not_say_what_they_read_or_read_something_older_changes_nothing() {
    let rig = Rig::new();
    rig.admin(patch(&json!({ "max_attempts": 3 }))).await.is_problem(428, "version_required");
    rig.admin(patch(&json!({ "max_attempts": 3, "version": 1 }))).await.is_problem(412, "stale_version");
    let stale = patch(&json!({ "max_attempts": 3 })).insert_header(("if-match", "\"7\""));
    assert_eq!(rig.admin(stale).await.is_problem(412, "stale_version")["status"], 412);
    assert!(rig.store.messages().is_empty());
    let any = patch(&json!({ "max_attempts": 3 })).insert_header(("if-match", "*"));
    assert_eq!(rig.admin(any).await.status, 200);
}

#[actix_web::test]
async fn a_patch_that_changes_nothing_makes_no_version() {
    let rig = Rig::new();
    rig.admin(patch(&json!({ "max_attempts": 3, "version": 0 }))).await;
    let same = rig.admin(patch(&json!({ "max_attempts": 3, "version": 1 }))).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (200, "\"1\""));
    assert_eq!(rig.told("settings.changed").len(), 1);
}

#[actix_web::test]
async fn bad_values_are_refused_with_their_place() {
    let rig = Rig::new();
    for (body, status, code, pointer) in [
        (json!({ "max_attempts": 0 }), 422, "invalid_setting", "/max_attempts"),
        (json!({ "dispute_retention_days": 1 }), 422, "invalid_setting", "/dispute_retention_days"),
        (json!({ "allowed_origins": ["https://shop.example/"] }), 422, "invalid_setting", "/allowed_origins"),
        (json!({ "allowed_methods": ["4242424242424242"] }), 422, "card_number_detected", "/allowed_methods"),
        (
            json!({ "max_authorization_amount": { "EUR": 0 } }),
            422,
            "invalid_setting",
            "/max_authorization_amount",
        ),
        (
            json!({ "max_authorization_amount": { "XXX": 1 } }),
            422,
            "unknown_currency",
            "/max_authorization_amount/XXX",
        ),
    ] {
        let mut body = body;
        body["version"] = 0.into();
        let problem = rig.admin(patch(&body)).await.is_problem(status, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    for body in [
        json!({ "default_capture_mode": "later" }),
        json!({ "max_authorization_amount": { "EUR": 10.5 } }),
        json!({ "max_attempts": -1 }),
        json!({ "color": "red" }),
    ] {
        assert_eq!(rig.admin(patch(&body)).await.status, 400, "{body}");
    }
    assert!(rig.store.messages().is_empty());
}

#[actix_web::test]
async fn of_many_who_read_the_same_one_changes_it() {
    let rig = Rig::new();
    let change =
        async |n: u32| rig.admin(patch(&json!({ "max_attempts": n, "version": 0 }))).await.status.as_u16();
    let mut statuses = join_all((1..=20).map(change)).await;
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 19, "{statuses:?}");
    assert_eq!(rig.told("settings.changed").len(), 1);
}
