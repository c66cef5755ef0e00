//! What fraud costs a payment: nothing without rules, one read with velocity rules.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use serde_json::json;
use tender_domain::fraud::{FraudDecision, FraudPolicy, FraudStore, Window, WindowCounts};
use tender_domain::kernel::{FraudDecisionId, StoreError, TenantId, Timestamp};
use tender_intents::FraudWindows;

use super::rig::ten_an_hour;
use crate::rig::{INTENTS, World, payment};

/// Counts the reads of fraud's store.
struct Counted {
    store: Arc<dyn FraudStore>,
    policies: AtomicUsize,
    counts: AtomicUsize,
    decisions: AtomicUsize,
}

#[async_trait]
impl FraudStore for Counted {
    async fn fraud_policy(&self, tenant: &TenantId, now: Timestamp) -> Result<FraudPolicy, StoreError> {
        self.policies.fetch_add(1, Ordering::Relaxed);
        self.store.fraud_policy(tenant, now).await
    }

    async fn fraud_decisions(
        &self,
        tenant: &TenantId,
        ids: &[FraudDecisionId],
    ) -> Result<Vec<FraudDecision>, StoreError> {
        self.decisions.fetch_add(1, Ordering::Relaxed);
        self.store.fraud_decisions(tenant, ids).await
    }

    async fn window_counts(&self, tenant: &TenantId, keys: &[String]) -> Result<WindowCounts, StoreError> {
        self.counts.fetch_add(1, Ordering::Relaxed);
        self.store.window_counts(tenant, keys).await
    }

    async fn forget_windows(&self, before: &str, limit: usize) -> Result<u64, StoreError> {
        self.store.forget_windows(before, limit).await
    }
}

fn counted() -> (World, Arc<Counted>) {
    let mut world = World::new();
    let store = world.fraud.clone();
    let none = || AtomicUsize::new(0);
    let counted = Arc::new(Counted { store, policies: none(), counts: none(), decisions: none() });
    world.fraud = counted.clone();
    (world, counted)
}

#[tokio::test]
async fn without_rules_payments_read_nothing_more_and_write_no_decision() {
    let (world, counted) = counted();
    let process = world.process();
    for number in 0..20 {
        let paid = process.post(INTENTS, &format!("k{number}"), payment("tok_visa")).await;
        paid.is(201, "succeeded");
        assert_eq!(paid.json["fraud"], json!(null));
    }
    assert_eq!(counted.policies.load(Ordering::Relaxed), 1, "once for the process, not for each payment");
    assert_eq!(counted.counts.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn with_velocity_rules_a_payment_reads_once() {
    let (world, counted) = counted();
    let process = world.process();
    process.rule(ten_an_hour()).await;
    process
        .rule(json!({
            "name": "amount of a customer a day",
            "condition": { "velocity_amount": {
                "by": "customer", "window_seconds": 86_400, "at_most": 1_000_000, "currency": "EUR",
            } },
            "effect": { "points": 20 },
        }))
        .await;
    for number in 0..5 {
        process.post(INTENTS, &format!("k{number}"), payment("tok_visa")).await.is(201, "succeeded");
    }
    assert_eq!(counted.counts.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn the_decisions_of_a_page_of_intents_are_opened_by_one_read() {
    let (world, counted) = counted();
    let process = world.process();
    process.rule(ten_an_hour()).await;
    for number in 0..5 {
        process.post(INTENTS, &format!("k{number}"), payment("tok_visa")).await.is(201, "succeeded");
    }
    let page = process.get(&format!("{INTENTS}?expand[]=fraud.decision")).await;
    let opened = |intent: &serde_json::Value| {
        intent["fraud"]["decision"]["id"] == intent["fraud"]["decision_id"]
            && intent["fraud"]["decision"]["payment_intent_id"] == intent["id"]
    };
    let all = page.json["data"].as_array().expect("a page");
    assert!(all.len() == 5 && all.iter().all(opened), "{}", page.json);
    assert_eq!(counted.decisions.load(Ordering::Relaxed), 1, "one for the page, not one for each intent");
}

#[tokio::test]
async fn what_another_process_changed_counts_within_ten_seconds_and_a_payment() {
    let world = World::new();
    let (one, other) = (world.process(), world.process());
    one.post(INTENTS, "before", payment("tok_visa")).await.is(201, "succeeded");
    other.rule(super::rig::above(&json!({ "action": "deny" }))).await;
    world.wait(11);
    one.post(INTENTS, "after", payment("tok_visa")).await.is(201, "failed");
}

#[tokio::test]
async fn counters_of_windows_that_are_over_are_forgotten() {
    let world = World::new();
    let process = world.process();
    process.rule(ten_an_hour()).await;
    process.pay("tok_visa").await.is(201, "succeeded");
    let forget = || async {
        FraudWindows::new(process.service.clone()).run_once().await.expect("counters can be forgotten")
    };
    world.wait(3_600);
    assert_eq!(forget().await, 0, "they still count");
    world.wait(2 * 3_600);
    assert!(forget().await > 0);
    let all = world.fraud.forget_windows(&Window::forgotten_before(Timestamp::MAX_UTC), 10).await;
    assert_eq!(all.expect("counters can be read"), 0, "none are left");
}
