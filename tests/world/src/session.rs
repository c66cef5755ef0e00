//! Clients whose customer pays in a session of an alternative payment method: at the bank, in a moment of its own, while
//! the client returns once, twice or not at all, and the gateway's callback comes when it comes.

use serde_json::{Value, json};

use crate::client::{Client, INTENTS};

impl Client {
    /// The intent once its session has come to something, or for as long as a client waits; none when it is given up.
    pub(crate) async fn pays_in_a_session(&self) -> Option<Value> {
        let plan = &self.plan;
        let made = self.until_answered(INTENTS, "make", &plan.body()).await?;
        let intent = made["id"].as_str()?.to_owned();
        let path = format!("{INTENTS}/{intent}");
        let wanted = json!({ "payment_intent_id": intent });
        let session = self.until_answered("/v1/payments/apm/ideal/initiate", "begin", &wanted).await?;
        let session = session["id"].as_str().map(str::to_owned);
        if plan.cancels_meanwhile {
            let _ = self.until_answered(&format!("{path}/cancel"), "cancel", &json!({})).await;
        }
        let known = self.until_known(&path).await;
        let bank = known["next_action"]["url"].as_str().and_then(|url| url.rsplit('/').next());
        if let Some(reference) = bank.filter(|_| plan.meets_challenge) {
            self.dawdles().await;
            tokio::time::sleep(self.dice.moment(4_000)).await;
            let result = if plan.number.is_multiple_of(5) { "failed" } else { "success" };
            self.world.line.simulator.end_session(reference, result).await.expect("books in memory");
        }
        if let Some(session) = session.filter(|_| !plan.by_callback) {
            for time in 0..1 + self.dice.below(2) {
                let path = format!("/v1/payments/apm/{session}/confirm");
                let _ = self.until_answered(&path, &format!("return{time}"), &json!({})).await;
            }
        }
        Some(self.until_known(&path).await)
    }
}
