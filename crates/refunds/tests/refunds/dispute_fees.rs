//! What a processor takes for a dispute may be told later than the dispute: who does not tell it says nothing of it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_domain::disputes::{DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::{Lane, TenantId};
use tender_refunds::{ChargebackMatching, RefundsError, Taken};

use crate::disputes::{CHARGEBACKS, DISPUTES, chargeback, keyed, known, read, send, told};
use crate::guest_disputes::{post, refused};
use crate::support::Stage;

/// As the adventures document has a chargeback: without a fee.
fn of_the_document() -> Value {
    json!({
        "processor": "simulator", "processor_reference": "cb_1", "gateway_ref": "sim_ch_1", "amount": 50.00,
        "currency": "EUR", "reason_code": "13.1", "network": "Visa", "received_at": "2026-05-01T10:00:00Z",
    })
}

/// The processor's own word, with its fee in cents.
fn callback(standing: DisputeStatus, second: i64, fee_minor: i64) -> ToldChargeback {
    let told = told("cb_1", 5_000, standing, second);
    ToldChargeback { dispute: ToldDispute { fee_minor: Some(fee_minor), ..told.dispute }, ..told }
}

async fn take(stage: &Stage, told: &ToldChargeback) -> Result<Taken, RefundsError> {
    stage.service.take_chargeback(&TenantId::sandbox(), told, Lane::Background).await
}

/// The one dispute there is.
async fn the_dispute(stage: &Stage) -> Value {
    let listed = read(stage, DISPUTES).await.json;
    let [one] = listed["data"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    one.clone()
}

/// The fees that the ledger is told of: with a dispute that was opened, and by themselves.
fn fees_told(stage: &Stage) -> Vec<(&'static str, i64)> {
    let told = stage.told().into_iter().filter_map(|(topic, body)| match topic.name() {
        "chargeback.received" => Some((topic.name(), body["feeMinor"].as_i64().unwrap())),
        name => body["toldFeeMinor"].as_i64().map(|minor| (name, minor)),
    });
    told.collect()
}

#[tokio::test]
async fn a_chargeback_that_a_program_tells_without_a_fee_takes_the_fee_and_the_end_of_its_callback() {
    for end in [DisputeStatus::Lost, DisputeStatus::Won] {
        let stage = Stage::new();
        known(&stage).await;
        assert_eq!(post(&stage, "/adventures/chargebacks", &of_the_document()).await.status, 201);
        assert_eq!(the_dispute(&stage).await["fee"], Value::Null, "nobody has told it");
        for (standing, second) in [(DisputeStatus::NeedsResponse, 10), (end, 20), (end, 20)] {
            take(&stage, &callback(standing, second, 1_500)).await.unwrap();
        }
        let dispute = the_dispute(&stage).await;
        assert_eq!((&dispute["fee"], &dispute["status"]), (&json!(1_500), &json!(end.as_str())));
        assert_eq!(fees_told(&stage), [("chargeback.received", 0), ("dispute.updated", 1_500)]);
        let shown = read(&stage, &format!("{DISPUTES}/{}", dispute["id"].as_str().unwrap())).await.json;
        let entries = shown["history"].as_array().unwrap().iter();
        let kinds: Vec<&str> = entries.map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["opened", "fee_told", end.as_str()]);
        let again = post(&stage, "/adventures/chargebacks", &of_the_document()).await;
        assert_eq!(again.status, 200, "{}", again.json);
    }
}

#[tokio::test]
async fn one_word_that_tells_fee_and_end_is_one_change() {
    let stage = Stage::new();
    known(&stage).await;
    post(&stage, "/adventures/chargebacks", &of_the_document()).await;
    take(&stage, &callback(DisputeStatus::Lost, 20, 1_500)).await.unwrap();
    let dispute = the_dispute(&stage).await;
    assert_eq!((&dispute["fee"], &dispute["status"]), (&json!(1_500), &json!("lost")));
    let told: Vec<_> = stage.topics().into_iter().rev().take(3).collect();
    assert_eq!(told, ["credit-note.requested", "dispute.resolved", "dispute.updated"]);
}

#[tokio::test]
async fn a_chargeback_of_a_callback_is_known_to_a_program_that_tells_no_fee_and_ends_as_told() {
    for end in [DisputeStatus::Lost, DisputeStatus::Won] {
        let stage = Stage::new();
        known(&stage).await;
        take(&stage, &callback(DisputeStatus::NeedsResponse, 10, 1_500)).await.unwrap();
        let told = post(&stage, "/adventures/chargebacks", &of_the_document()).await;
        assert_eq!(told.status, 200, "{}", told.json);
        let mut core = chargeback(5_000);
        core.as_object_mut().unwrap().remove("fee");
        let told = send(&stage, "POST", CHARGEBACKS, &core).await;
        assert_eq!((told.status, &told.json["fee"]), (200, &json!(1_500)), "{}", told.json);
        take(&stage, &callback(end, 20, 1_500)).await.unwrap();
        assert_eq!(the_dispute(&stage).await["status"], end.as_str());
        assert_eq!(fees_told(&stage), [("chargeback.received", 1_500)], "it was told with the dispute");
    }
}

#[tokio::test]
async fn two_fees_that_were_told_contradict_each_other_and_nothing_changes() {
    let stage = Stage::new();
    known(&stage).await;
    take(&stage, &callback(DisputeStatus::NeedsResponse, 10, 1_500)).await.unwrap();
    let mut other = chargeback(5_000);
    for fee in [1_501, 0] {
        other["fee"] = json!(fee);
        send(&stage, "POST", CHARGEBACKS, &other).await.is_problem(409, "dispute_differs");
        let refused = take(&stage, &callback(DisputeStatus::Lost, 20, fee)).await;
        assert!(matches!(refused, Err(RefundsError::Dispute(_))), "{refused:?}");
    }
    let dispute = the_dispute(&stage).await;
    assert_eq!((&dispute["fee"], &dispute["status"]), (&json!(1_500), &json!("needs_response")));
    let mut amount = of_the_document();
    amount["amount"] = json!(51);
    refused(&post(&stage, "/adventures/chargebacks", &amount).await, 409, "CONFLICT", None);
}

#[tokio::test]
async fn a_person_tells_the_fee_of_a_dispute_that_is_known_by_its_reference() {
    let stage = Stage::new();
    let charge = known(&stage).await;
    let mut wanted = json!({ "charge_id": charge.charge_id, "amount": 5_000, "reason_code": "fraud",
        "processor_reference": "cb_1" });
    let opened = send(&stage, "POST", DISPUTES, &wanted).await;
    assert_eq!((opened.status, &opened.json["fee"]), (201, &Value::Null), "{}", opened.json);
    wanted["fee"] = json!(1_500);
    let learned = keyed(&stage, DISPUTES, "k1", &wanted).await;
    assert_eq!((learned.status, &learned.json["fee"]), (200, &json!(1_500)), "{}", learned.json);
    let again = keyed(&stage, DISPUTES, "k1", &wanted).await;
    assert_eq!((&again.json, again.header("idempotent-replayed")), (&learned.json, "true"));
    let audited = stage.told().into_iter().filter(|(topic, _)| topic.name() == "audit.recorded");
    let actions: Vec<_> = audited.map(|(_, body)| body["action"].as_str().unwrap().to_owned()).collect();
    assert_eq!(actions[actions.len() - 2..], ["dispute.opened", "dispute.updated"]);
    assert_eq!(fees_told(&stage), [("chargeback.received", 0), ("dispute.updated", 1_500)]);
    wanted["fee"] = json!(-1);
    send(&stage, "POST", DISPUTES, &wanted).await.is_problem(400, "invalid_amount");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_tell_the_fee_at_once_one_makes_it_known() {
    let stage = Arc::new(Stage::new());
    known(&stage).await;
    post(&stage, "/adventures/chargebacks", &of_the_document()).await;
    let calls = (0..12).map(|_| {
        let stage = Arc::clone(&stage);
        tokio::spawn(async move { take(&stage, &callback(DisputeStatus::Lost, 20, 1_500)).await })
    });
    for call in join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(fees_told(&stage), [("chargeback.received", 0), ("dispute.updated", 1_500)]);
}

#[tokio::test]
async fn the_fee_of_a_chargeback_that_waits_is_kept_whoever_tells_it_and_comes_with_the_dispute() {
    let silent = || {
        let mut body = chargeback(5_000);
        body.as_object_mut().unwrap().remove("fee");
        body
    };
    for fee_first in [true, false] {
        let stage = Stage::new();
        if !fee_first {
            assert_eq!(send(&stage, "POST", CHARGEBACKS, &silent()).await.status, 202);
        }
        for _ in 0..2 {
            let taken = take(&stage, &callback(DisputeStatus::NeedsResponse, 10, 1_500)).await.unwrap();
            assert!(matches!(taken, Taken::Waiting(_)));
        }
        let mut other = silent();
        other["fee"] = json!(1_501);
        send(&stage, "POST", CHARGEBACKS, &other).await.is_problem(409, "chargeback_waits");
        let suspended: Vec<Value> = stage
            .told()
            .into_iter()
            .filter(|(topic, _)| topic.name() == "chargeback.unmatched")
            .map(|(_, body)| json!([body["feeMinor"], body["toldFeeMinor"]]))
            .collect();
        let expected = if fee_first {
            vec![json!([1_500, null])]
        } else {
            vec![json!([0, null]), json!([1_500, 1_500])]
        };
        assert_eq!(suspended, expected);
        known(&stage).await;
        // Told again by who does not know the fee, or found by the worker.
        if fee_first {
            assert_eq!(send(&stage, "POST", CHARGEBACKS, &silent()).await.status, 201);
        } else {
            let worker = ChargebackMatching::new(Arc::clone(&stage.service), Duration::from_millis(5), 10);
            assert_eq!(worker.run_once().await.unwrap(), 1);
        }
        assert_eq!(the_dispute(&stage).await["fee"], 1_500);
        let matched =
            stage.told().into_iter().rev().find(|(topic, _)| topic.name() == "chargeback.unmatched");
        assert_eq!(matched.unwrap().1["feeMinor"], 1_500, "as much leaves suspense as is in it");
    }
}
