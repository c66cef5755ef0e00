//! Begins a payment with authentication.

use std::sync::Arc;

use tender_domain::intents::IntentStatus;
use tender_domain::kernel::{Caller, IntentId};

use super::{Answered, Confirm, IntentsError, Keyed};
use crate::IntentsService;

impl IntentsService {
    /// Confirms an intent with authentication forced. A challenge that is open already is told again, whoever asks.
    pub(crate) async fn start_three_ds(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        confirm: Confirm,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let intent = self.load(caller, id).await?;
        let is_open = intent.status == IntentStatus::RequiresAction && intent.open_session().is_none();
        if is_open {
            return match self.key_of(&caller.tenant, &keyed).await? {
                Some(record) => self.known_key(&caller.tenant, record, &keyed).await,
                None => Ok(keyed.answered(&intent)),
            };
        }
        self.confirm_intent(caller, id, Confirm { forces_three_ds: true, ..confirm }, keyed).await
    }
}
