//! The way of callbacks: some get lost, some arrive twice, some are taken and their receipt is lost.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::ports::{CallbackHeaders, CallbackIntake};
use tender_domain::simulator::{CallbackTarget, SignedCallback};

use crate::dice::Dice;
use crate::effects::Effects;

pub(crate) struct Mailman {
    pub(crate) intake: Arc<dyn CallbackIntake>,
    pub(crate) dice: Arc<Dice>,
    pub(crate) effects: Arc<Effects>,
    /// How many in a hundred go wrong.
    pub(crate) lossy_percent: u32,
}

#[async_trait]
impl CallbackTarget for Mailman {
    async fn deliver(&self, callback: &SignedCallback) -> Result<(), String> {
        tokio::time::sleep(self.dice.moment(500)).await;
        if self.dice.percent(self.lossy_percent) {
            return Err("lost on the way".to_owned());
        }
        let headers: CallbackHeaders = callback.headers.iter().cloned().collect();
        self.effects.step().await;
        let taken = self.intake.take("simulator", &headers, callback.body.as_bytes()).await;
        self.effects.step().await;
        taken.map_err(|fault| fault.to_string())?;
        if self.dice.percent(self.lossy_percent) {
            return Err("the receipt was lost".to_owned());
        }
        Ok(())
    }
}
