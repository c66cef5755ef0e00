//! Refunds as store credit: given at once, by nobody's gateway, and counted as any other.

use std::sync::Arc;

use futures_util::future::join_all;
use tender_domain::kernel::Topic;
use tender_domain::refunds::{CapturedCharge, RefundMethod, RefundStatus};
use tender_refunds::CreateRefund;

use crate::support::{Script, Stage, body, caller, captured, id_of, wanted};

fn credit(charge: &CapturedCharge, amount: Option<i64>) -> CreateRefund {
    CreateRefund { method: RefundMethod::StoreCredit, ..wanted(charge, amount) }
}

#[tokio::test]
async fn store_credit_is_given_once_without_a_gateway_and_told() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    // Whatever the gateway would do.
    stage.gateway.next(Script::Crash);
    let given = stage.refund_as(&caller(), credit(&charge, Some(6_000)), "k").await.unwrap();
    assert_eq!((given.answer.status, body(&given)["status"].as_str()), (201, Some("succeeded")));
    let again = stage.refund_as(&caller(), credit(&charge, Some(6_000)), "k").await.unwrap();
    assert_eq!((&again.answer, again.replayed), (&given.answer, true));
    assert!(stage.gateway.calls.lock().unwrap().is_empty(), "no gateway is asked");
    let told = stage.told();
    let [(Topic::REFUND_PROCESSED, event)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((&event["refundMethod"], &event["customerId"]), (&"store_credit".into(), &"cust_1".into()));
    assert!(event.get("gatewayReference").is_none(), "{event}");
    let stored = stage.stored(id_of(&given)).await;
    assert_eq!((stored.status(), stored.gateway_reference()), (RefundStatus::Succeeded, None));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 0, "there is nothing to find out");
}

#[tokio::test]
async fn store_credit_counts_against_what_is_left_as_any_refund() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let given = stage.refund_as(&caller(), credit(&charge, Some(7_000)), "k1").await.unwrap();
    assert_eq!(given.answer.status, 201);
    let too_much = stage.refund(&charge, Some(3_001), "k2").await.unwrap();
    assert_eq!(too_much.answer.status, 422);
    let rest = stage.refund(&charge, None, "k3").await.unwrap();
    assert_eq!((rest.answer.status, &body(&rest)["amount"]), (201, &3_000.into()));
    let nothing = stage.refund_as(&caller(), credit(&charge, None), "k4").await.unwrap();
    assert_eq!(nothing.answer.status, 422);
    assert_eq!(stage.gateway.given_back(), 3_000);
}

#[tokio::test]
async fn a_charge_without_a_customer_gives_no_store_credit() {
    let stage = Stage::new();
    let charge = CapturedCharge { customer_id: None, ..captured(&[10_000]) };
    stage.charges.known.lock().unwrap().push(charge.clone());
    let refused = stage.refund_as(&caller(), credit(&charge, None), "k").await.unwrap();
    assert_eq!(refused.answer.status, 422);
    assert!(body(&refused)["detail"].as_str().unwrap().contains("no customer"), "{refused:?}");
    assert!(stage.told().is_empty());
}

#[tokio::test]
async fn a_gateway_that_says_it_took_store_credit_back_is_refused() {
    use tender_domain::kernel::TenantId;
    use tender_domain::ports::{CallEnd, Decline, DeclineCode};
    use tender_domain::refunds::{RefundNews, ToldRefund};
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let given = stage.refund_as(&caller(), credit(&charge, None), "k").await.unwrap();
    let why =
        Decline { code: DeclineCode::CardDeclined, network_code: None, message: "no".into(), sca: None };
    let end = CallEnd::TakenBack { gateway_reference: "gw_1".into(), why };
    let told = ToldRefund {
        connector: "simulator".into(),
        news: RefundNews::Ours { call: id_of(&given).into(), end },
    };
    assert!(stage.service.take_told_refund(&TenantId::sandbox(), &told).await.is_err());
    assert_eq!(stage.stored(id_of(&given)).await.status(), RefundStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_of_both_methods_at_once_one_has_its_sixty_percent() {
    let stage = Arc::new(Stage::new());
    let charge = stage.charge(&[10_000]);
    let calls = (0..20).map(|nth| {
        let stage = Arc::clone(&stage);
        let wanted = if nth % 2 == 0 { credit(&charge, Some(6_000)) } else { wanted(&charge, Some(6_000)) };
        tokio::spawn(async move { stage.refund_as(&caller(), wanted, &format!("k{nth}")).await.unwrap() })
    });
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let with = |status: u16| answers.iter().filter(|answered| answered.answer.status == status).count();
    assert_eq!((with(201), with(422)), (1, 19), "{answers:?}");
    assert_eq!(stage.topics(), ["refund.processed"]);
}
