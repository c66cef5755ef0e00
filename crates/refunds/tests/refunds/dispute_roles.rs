//! A chargeback is worked on by who may by its tier, through whichever API.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::disputes::{CHARGEBACKS, DISPUTES, chargeback, known, read, send};
use crate::guest_disputes::patch;
use crate::http::{Got, call, call_as, call_with};
use crate::support::Stage;

/// A chargeback of so many cents, at limits of 10.00 and 50.00 EUR; where it is, and its id in UUID form.
async fn opened(stage: &Stage, minor: i64) -> (String, String) {
    known(stage).await;
    let limits =
        json!({"base_currency": "EUR", "limits": {"EUR": {"tier_1": 1_000, "tier_2": 5_000}}, "version": 0});
    let put = TestRequest::put().uri("/v1/payments/dispute-tiers").set_json(&limits);
    assert_eq!(call(stage, 1, put).await.status, 200);
    let opened = send(stage, "POST", CHARGEBACKS, &chargeback(minor)).await;
    assert_eq!(opened.status, 201, "{}", opened.json);
    let listed = crate::guest_disputes::read(stage, "?source=CHARGEBACK").await;
    let id = listed.json["items"][0]["dispute_id"].as_str().unwrap().to_owned();
    (format!("{DISPUTES}/{}", opened.json["id"].as_str().unwrap()), id)
}

/// What is done to a dispute by this role, in each way that there is.
async fn works(stage: &Stage, role: &str, of: (&str, &str)) -> Got {
    call_as(stage, role, work(of)).await
}

fn work((place, way): (&str, &str)) -> TestRequest {
    let (method, body): (fn() -> TestRequest, Value) = match way {
        "" => (TestRequest::patch, json!({ "note": "seen", "version": 1 })),
        "/submit-evidence" => {
            (TestRequest::post, json!({ "evidence": [{ "kind": "customer_name", "text": "Ada" }] }))
        }
        "/close" => (TestRequest::post, json!({})),
        _ => (TestRequest::post, json!({ "outcome": "won", "reason": "letter of the bank" })),
    };
    method().uri(&format!("{place}{way}")).set_json(&body)
}

const WAYS: [&str; 4] = ["", "/submit-evidence", "/close", "/resolve"];

#[tokio::test]
async fn a_role_works_on_chargebacks_up_to_its_tier_by_every_route() {
    for (minor, tier) in [(1_000, 1), (5_000, 2), (5_001, 3)] {
        for way in WAYS {
            for (nth, role) in ["dispute_agent", "dispute_manager", "dispute_director"].iter().enumerate() {
                let stage = Stage::new();
                let (place, _) = opened(&stage, minor).await;
                let before = read(&stage, &place).await.json;
                let got = works(&stage, role, (&place, way)).await;
                if nth + 1 >= tier {
                    assert_eq!(got.status, 200, "{role} at tier {tier} by `{way}`: {}", got.json);
                } else {
                    got.is_problem(403, "tier_forbidden");
                    assert_eq!(read(&stage, &place).await.json, before, "nothing has changed");
                }
            }
        }
    }
}

#[tokio::test]
async fn administrators_work_on_chargebacks_of_every_tier() {
    for role in ["admin", "payments_admin"] {
        for way in WAYS {
            let stage = Stage::new();
            let (place, _) = opened(&stage, 5_001).await;
            let got = works(&stage, role, (&place, way)).await;
            assert_eq!(got.status, 200, "{role} by `{way}`: {}", got.json);
        }
    }
}

#[tokio::test]
async fn a_program_works_on_chargebacks_of_every_tier_as_far_as_its_scopes_go() {
    for way in WAYS {
        let stage = Stage::new();
        let (place, _) = opened(&stage, 5_001).await;
        let call = async |scopes: &[&str]| call_with(&stage, (&[], scopes), work((&place, way))).await;
        call(&["disputes:read", "refunds:write"]).await.is_problem(403, "insufficient_scope");
        let got = call(&["disputes:write", "disputes:resolve"]).await;
        assert_eq!(got.status, 200, "by `{way}`: {}", got.json);
    }
}

#[tokio::test]
async fn a_case_that_was_escalated_is_above_its_role_by_every_route() {
    let stage = Stage::new();
    let (place, id) = opened(&stage, 1_000).await;
    let raised = patch(&stage, &id, &json!({"escalate": true, "version": 1})).await;
    assert_eq!((raised.status, &raised.json["tier"]), (200, &json!(2)), "{}", raised.json);
    for way in WAYS {
        works(&stage, "dispute_agent", (&place, way)).await.is_problem(403, "tier_forbidden");
    }
    assert_eq!(works(&stage, "dispute_manager", (&place, "/close")).await.status, 200);
}
