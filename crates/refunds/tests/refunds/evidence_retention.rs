//! Evidence is kept as long as the tenant's settings say, and files that nobody uses a day.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tender_domain::kernel::{EventId, TenantId, Version};
use tender_domain::operations::{SettingsPatch, TenantSettings};
use tender_domain::ports::{Clock, Consumer};
use tender_domain::uploads::Upload;
use tender_events::{Envelope, PublicEvent, SettingsChanged};
use tender_refunds::{EvidenceRetention, Removed, SettingsOfRefunds};
use uuid::Uuid;

use crate::disputes::{read, send};
use crate::evidence_files::{file_of, opened, submit};
use crate::support::Stage;
use crate::uploads::{RECEIPT, declare, declare_many, declared, follow, stage, text, uploaded};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The tenant's settings arrive: evidence is kept for so many days.
async fn heard(stage: &Stage, version: i64, days: u32) {
    let patch = SettingsPatch { dispute_retention_days: Some(days), ..SettingsPatch::default() };
    let (mut settings, _) = TenantSettings::first(TenantId::sandbox(), patch, stage.clock.now()).unwrap();
    settings.version = Version::new(version);
    let envelope = Envelope { id: EventId(Uuid::from_u128(1)), traceparent: None };
    let message = SettingsChanged::of(&settings).into_message(envelope);
    SettingsOfRefunds(Arc::clone(&stage.service)).handle(&message).await.unwrap();
}

async fn round(stage: &Stage) -> Removed {
    EvidenceRetention::new(Arc::clone(&stage.service), Duration::from_millis(5), 10).run_once().await.unwrap()
}

/// The place of a dispute that was answered with a file and lost.
async fn lost(stage: &Stage) -> String {
    let place = opened(stage).await;
    let upload = uploaded(stage, RECEIPT).await;
    assert_eq!(submit(stage, &place, &upload).await.status, 200);
    let outcome = json!({ "outcome": "lost", "reason": "letter of the bank" });
    let decided = send(stage, "POST", &format!("{place}/resolve"), &outcome).await;
    assert_eq!(decided.status, 200, "{}", decided.json);
    place
}

fn removed(replies: usize, uploads: usize) -> Removed {
    Removed { replies, uploads }
}

#[actix_web::test]
async fn evidence_loses_its_contents_when_it_was_kept_long_enough_and_keeps_its_hashes() {
    let (stage, folder) = stage();
    heard(&stage, 1, 400).await;
    let place = lost(&stage).await;
    let file = file_of(&stage, &place).await;
    let before = read(&stage, &place).await.json;
    stage.clock.advance(400 * DAY);
    assert_eq!(round(&stage).await, removed(0, 0), "not a moment too early");
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!(round(&stage).await, removed(1, 1));
    assert_eq!(round(&stage).await, removed(0, 0), "it is removed once");

    assert!(!folder.path().join("sandbox").join(text(&file["upload_id"])).exists());
    let listed = read(&stage, &format!("{place}/evidence")).await.json;
    let reply = &listed["replies"][0];
    assert_eq!(reply["evidence"][0]["text"], "removed after retention");
    let after = &reply["evidence"][1]["file"];
    assert_eq!(after["file_name"], "removed after retention");
    assert_eq!((&after["sha256"], &after["size_bytes"]), (&file["sha256"], &file["size_bytes"]));
    assert_eq!(after["download_url"], Value::Null);
    assert!(reply["evidence_removed_at"].is_string(), "{reply}");
    assert!(!listed.to_string().contains("Ada"), "{listed}");
    let gone = follow(&stage, "GET", text(&file["download_url"]), b"").await;
    assert_ne!(gone.0, 200);

    let shown = read(&stage, &place).await.json;
    let (were, are) = (before["history"].as_array().unwrap(), shown["history"].as_array().unwrap());
    assert_eq!(are[..were.len()], were[..], "what was written stays");
    let last = are.last().unwrap();
    assert_eq!((&last["kind"], &last["by"]), (&json!("evidence_removed"), &json!("service")), "{last}");
    let told = stage.told();
    let audited = told.iter().filter(|(_, told)| told["action"] == "dispute.evidence_removed").count();
    assert_eq!(audited, 1);
}

#[actix_web::test]
async fn of_a_tenant_whose_settings_have_not_arrived_nothing_is_removed() {
    let (stage, folder) = stage();
    let place = lost(&stage).await;
    let file = file_of(&stage, &place).await;
    stage.clock.advance(40_000 * DAY);
    assert_eq!(round(&stage).await, removed(0, 0));
    assert!(folder.path().join("sandbox").join(text(&file["upload_id"])).exists());
    heard(&stage, 2, 3_650).await;
    // Older settings that come later say nothing.
    heard(&stage, 1, 400).await;
    assert_eq!(round(&stage).await, removed(1, 1));
}

#[actix_web::test]
async fn what_a_crash_left_to_be_removed_is_removed_by_the_next_round() {
    let (stage, folder) = stage();
    heard(&stage, 1, 400).await;
    let place = lost(&stage).await;
    let file = file_of(&stage, &place).await;
    let stored = folder.path().join("sandbox").join(text(&file["upload_id"]));
    stage.clock.advance(401 * DAY);
    // A folder in its place cannot be deleted as a file is.
    std::fs::remove_file(&stored).unwrap();
    std::fs::create_dir(&stored).unwrap();
    assert_eq!(round(&stage).await, removed(1, 0), "the storage does not answer");
    std::fs::remove_dir(&stored).unwrap();
    std::fs::write(&stored, RECEIPT).unwrap();
    assert_eq!(
        file_of(&stage, &place).await["download_url"],
        Value::Null,
        "what is to be removed is not shown"
    );
    assert_eq!(round(&stage).await, removed(0, 1));
    assert!(!stored.exists());
}

#[actix_web::test]
async fn files_that_nobody_used_are_removed_after_a_day_and_make_room_for_others() {
    let (stage, folder) = stage();
    let unused = uploaded(&stage, RECEIPT).await;
    declare_many(&stage, Upload::WAITING_MAX - 1).await;
    declare(&stage, &declared(RECEIPT)).await.is_problem(429, "too_many_uploads");
    let place = opened(&stage).await;
    assert_eq!(round(&stage).await, removed(0, 0));
    stage.clock.advance(DAY + Duration::from_secs(1));
    assert_eq!(round(&stage).await, removed(0, 10), "so many at a time");
    assert!(!folder.path().join("sandbox").join(&unused).exists());
    submit(&stage, &place, &unused).await.is_problem(409, "upload_used");
    assert_eq!(declare(&stage, &declared(RECEIPT)).await.status, 201);
}
