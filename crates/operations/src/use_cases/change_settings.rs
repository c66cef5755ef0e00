use tender_domain::kernel::{Answer, Change, CommitError, Guard, Save, TenantId, Version};
use tender_domain::operations::{OperationsWrite, SettingsPatch, TenantSettings};
use tender_domain::ports::OriginMemory;
use tender_events::{PublicEvent, SettingsChanged};
use tender_http::{Problem, RequestKey};

use super::audit::Deed;
use super::keyed::{TRIES, record, replayed};
use super::{Doer, Kept};
use crate::{OperationsError, OperationsService};

/// Changes a tenant's settings.
pub struct ChangeSettings<'a> {
    /// Whose.
    pub tenant: TenantId,
    /// Who.
    pub by: Doer,
    /// What to set.
    pub patch: SettingsPatch,
    /// Whether the client may change the version that there is: it has read that one, or takes any.
    pub check: &'a (dyn Fn(Version) -> Result<(), Problem> + 'a),
}

impl OperationsService {
    /// The tenant's settings; none while nothing was ever set, and the defaults hold.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read_settings(&self, tenant: &TenantId) -> Result<Option<TenantSettings>, OperationsError> {
        Ok(self.store().settings(tenant).await?)
    }

    /// Tells a memory which origins each tenant allows, as its settings are now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tell_origins(&self, memory: &dyn OriginMemory) -> Result<(), OperationsError> {
        let mut after = None;
        loop {
            let tenants = self.store().tenants(after.as_ref()).await?;
            let Some(last) = tenants.last() else { return Ok(()) };
            after = Some(last.tenant.clone());
            for tenant in tenants {
                if let Some(settings) = self.store().settings(&tenant.tenant).await? {
                    memory.remember(&tenant.tenant, settings.version, &settings.values.allowed_origins);
                }
            }
        }
    }

    /// Changes settings; gives what they are then. A patch that changes nothing of what was set before
    /// makes no version and tells nobody.
    ///
    /// # Errors
    /// When a value is refused, the client has read another version, or the store fails.
    pub async fn change_settings(
        &self,
        command: &ChangeSettings<'_>,
        key: Option<&RequestKey>,
        present: impl Fn(&TenantSettings) -> Answer,
    ) -> Result<Kept<TenantSettings>, OperationsError> {
        let tenant = &command.tenant;
        if let Some(answer) = self.answered(tenant, key).await? {
            return Ok(Kept::Replayed(answer));
        }
        for _ in 0..TRIES {
            let before = self.store().settings(tenant).await?;
            let current = before.as_ref().map_or(TenantSettings::UNSET_VERSION, |settings| settings.version);
            (command.check)(current).map_err(OperationsError::Stale)?;
            let (after, change) = match self.decide_settings(command, before) {
                Ok(decided) => decided,
                Err(refusal) => return self.refuse(tenant, key, refusal).await,
            };
            if change.writes.is_empty() && key.is_none() {
                return Ok(Kept::Fresh(after));
            }
            let kept = key.map(|key| record(key, tenant.to_string(), present(&after), self.now()));
            match (self.store().commit(change.keyed(kept)).await, key) {
                (Ok(_), _) => return Ok(Kept::Fresh(after)),
                (Err(CommitError::Conflict | CommitError::ClaimTaken { .. }), _) => {}
                (Err(CommitError::KeyTaken(taken)), Some(key)) => {
                    return replayed(*taken, key).map(Kept::Replayed);
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The change, with a tenant's first settings. Two who both set something first: the claim lets one win, the other
    /// loads what it set.
    pub(super) fn with_first_settings(
        &self,
        change: Change<OperationsWrite>,
        first: TenantSettings,
    ) -> Change<OperationsWrite> {
        let owner = self.ids().uuid().to_string();
        let claim = Guard::Claim { kind: "first_settings", key: String::new(), owner };
        change.save(Save::new(first)).guarded(claim)
    }

    fn decide_settings(
        &self,
        command: &ChangeSettings<'_>,
        before: Option<TenantSettings>,
    ) -> Result<(TenantSettings, Change<OperationsWrite>), OperationsError> {
        let change = Change::of(command.tenant.clone());
        let (now, patch) = (self.now(), command.patch.clone());
        let set_before = before.as_ref().map(|before| before.values.clone()).unwrap_or_default();
        let (after, change) = match before {
            Some(before) => match before.change(patch, now)? {
                None => return Ok((before, change)),
                Some((after, _changed)) => (after.clone(), change.save(Save::changed(before, after))),
            },
            None => {
                let (first, _changed) = TenantSettings::first(command.tenant.clone(), patch, now)?;
                (first.clone(), self.with_first_settings(change, first))
            }
        };
        let message = SettingsChanged::of(&after).into_message(self.envelope());
        let deed = Deed {
            action: "settings.changed",
            resource_id: after.tenant.to_string(),
            version: after.version,
            details: &[("changed", set_before.changed_names(&after.values).join(", "))],
        };
        let audit = self.audited(&command.by, &after.tenant, deed, now);
        Ok((after, change.tell([message, audit])))
    }
}
