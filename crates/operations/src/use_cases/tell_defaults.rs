use tender_domain::kernel::{Change, CommitError};
use tender_domain::operations::{OperationsWrite, SettingsPatch, TenantSettings};
use tender_events::{PublicEvent, SettingsChanged};

use crate::{OperationsError, OperationsService};

/// How many tenants are looked at, at a time.
const BATCH: u32 = 100;

impl OperationsService {
    /// Tells the settings of tenants that have none yet, which are the defaults: of those that were made before their
    /// settings were told with them. How many were told.
    ///
    /// # Errors
    /// When the store fails; what was told until then stays so.
    pub async fn tell_defaults(&self) -> Result<usize, OperationsError> {
        let mut told = 0;
        loop {
            let before = told;
            let tenants = self.store().tenants_without_settings(BATCH).await?;
            for tenant in tenants {
                let change = self.with_defaults_told(Change::of(tenant).in_background())?;
                match self.store().commit(change).await {
                    Ok(_) => told += 1,
                    // Somebody has set something, or told it, meanwhile.
                    Err(CommitError::ClaimTaken { .. } | CommitError::Conflict) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            // There are none, or somebody else tells them.
            if told == before {
                return Ok(told);
            }
        }
    }

    /// The change, with the defaults as the tenant's first settings, and the message that tells them. Nobody has set
    /// anything, so the audit log has nothing to say.
    pub(super) fn with_defaults_told(
        &self,
        change: Change<OperationsWrite>,
    ) -> Result<Change<OperationsWrite>, OperationsError> {
        let (first, _changed) =
            TenantSettings::first(change.tenant.clone(), SettingsPatch::default(), self.now())?;
        let message = SettingsChanged::of(&first).into_message(self.envelope());
        Ok(self.with_first_settings(change, first).tell([message]))
    }
}
