use tender_domain::kernel::{Answer, Change, CommitError, KeyId, Save, TenantId};
use tender_domain::operations::ApiKey;
use tender_events::{ApiKeyChanged, PublicEvent};
use tender_http::RequestKey;

use super::audit::Deed;
use super::keyed::{TRIES, record, replayed};
use super::{Doer, Kept};
use crate::{OperationsError, OperationsService};

/// Takes a key back.
#[derive(Debug, Clone)]
pub struct RevokeKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub id: KeyId,
    /// Who takes it back.
    pub by: Doer,
}

impl OperationsService {
    /// Takes a key back, for ever. Taking it back again does nothing and is no error.
    ///
    /// # Errors
    /// When the tenant has no such key, or the store fails.
    pub async fn revoke_key(
        &self,
        command: &RevokeKey,
        key: Option<&RequestKey>,
        present: impl Fn(&ApiKey) -> Answer,
    ) -> Result<Kept<ApiKey>, OperationsError> {
        let RevokeKey { tenant, id, by } = command;
        if let Some(answer) = self.answered(tenant, key).await? {
            return Ok(Kept::Replayed(answer));
        }
        for _ in 0..TRIES {
            let found = self.store().api_key(tenant, *id).await?.ok_or(OperationsError::UnknownKey(*id))?;
            let now = self.now();
            let (after, change) = match found.revoke(now) {
                Some((revoked, _event)) => {
                    let message = ApiKeyChanged::of(&revoked).into_message(self.envelope());
                    let deed = Deed {
                        action: "api_key.revoked",
                        resource_id: id.to_string(),
                        version: revoked.version,
                        details: &[("name", revoked.name.clone())],
                    };
                    let audit = self.audited(by, tenant, deed, now);
                    let save = Save::changed(found, revoked.clone());
                    (revoked, Change::of(tenant.clone()).save(save).tell([message, audit]))
                }
                None if key.is_none() => return Ok(Kept::Fresh(found)),
                None => (found, Change::of(tenant.clone())),
            };
            let kept = key.map(|key| record(key, id.to_string(), present(&after), now));
            match (self.store().commit(change.keyed(kept)).await, key) {
                (Ok(_), _) => {
                    self.forget(&after.lookup).await;
                    return Ok(Kept::Fresh(after));
                }
                (Err(CommitError::Conflict), _) => {}
                (Err(CommitError::KeyTaken(taken)), Some(key)) => {
                    return replayed(*taken, key).map(Kept::Replayed);
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}
