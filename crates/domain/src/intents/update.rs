//! Changing what is asked for, before a gateway is asked.

use crate::kernel::{Metadata, Money, Timestamp};

use super::{CaptureMode, Command, Intent, Refusal};

/// What is to change; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntentPatch {
    /// How much is asked for, in the intent's currency.
    pub amount: Option<Money>,
    /// When the money is taken. `manual` drops a delay.
    pub capture_mode: Option<CaptureMode>,
    /// What it is for; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// The client's own data, whole.
    pub metadata: Option<Metadata>,
}

impl Intent {
    /// Changes it. Description and metadata may change at any time; what is asked for only while no attempt is under way
    /// and none has succeeded.
    ///
    /// # Errors
    /// When the status does not permit it, or the amount is in another currency.
    pub fn update(&self, patch: IntentPatch, now: Timestamp) -> Result<Self, Refusal> {
        if patch.amount.is_some() || patch.capture_mode.is_some() {
            self.permit(Command::Update)?;
        }
        let mut next = self.next(now);
        if let Some(amount) = patch.amount {
            // Of another currency it would be another payment.
            let _in_its_currency = self.amount.checked_sub(amount)?;
            next.amount = amount;
        }
        if let Some(mode) = patch.capture_mode {
            next.capture_mode = mode;
            if mode == CaptureMode::Manual {
                next.capture_delay_seconds = None;
            }
        }
        if let Some(description) = patch.description {
            next.description = description;
        }
        if let Some(metadata) = patch.metadata {
            next.metadata = metadata;
        }
        Ok(next)
    }
}
