use std::sync::Arc;

use tender_domain::kernel::{Answer, Caller, Change, CommitError, Message, Save, Scope, ScopeSet, TenantId};
use tender_domain::operations::{ApiKey, IssueApiKey, KeyLifetime, MaskedKey, OperationsWrite};
use tender_events::{ApiKeyChanged, PublicEvent};
use tender_http::{ApiKeyText, RequestKey};

use super::audit::Deed;
use super::keyed::{TRIES, record, replayed};
use super::{Doer, Kept};
use crate::{OperationsError, OperationsService};

/// Who issues a key.
#[derive(Debug, Clone)]
pub enum Issuer {
    /// A caller: gives only what it has itself.
    Caller {
        /// Who it is.
        doer: Doer,
        /// What it may do.
        scopes: ScopeSet,
    },
    /// Who runs the platform, at the command line: gives anything that a key can have, to a tenant that exists.
    Operator,
}

impl Issuer {
    /// The caller of a request.
    #[must_use]
    pub fn caller(caller: &Caller) -> Self {
        Self::Caller { doer: Doer::caller(caller), scopes: caller.scopes }
    }
}

/// Issues an API key.
#[derive(Debug, Clone)]
pub struct IssueKey {
    /// Whose it is to be.
    pub tenant: TenantId,
    /// How people call it.
    pub name: String,
    /// What it is to do.
    pub scopes: ScopeSet,
    /// Whether it is to be in a browser.
    pub publishable: bool,
    /// Whether it is for live money.
    pub livemode: bool,
    /// How long it counts; none is for ever.
    pub lifetime: Option<KeyLifetime>,
    /// Who issues it.
    pub issuer: Issuer,
}

/// A key with its text: the one time that the text is seen.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// The key as it is kept.
    pub key: ApiKey,
    /// Its text, which is kept nowhere.
    pub secret: ApiKeyText,
}

impl OperationsService {
    /// Issues a key. `present` makes the answer that is kept under the idempotency key: it has no secret to show, for
    /// a kept secret would be a secret at rest.
    ///
    /// # Errors
    /// When the key is refused, its tenant is unknown (by command), or the store fails.
    pub async fn issue_key(
        &self,
        command: IssueKey,
        key: Option<&RequestKey>,
        present: impl Fn(&ApiKey) -> Answer,
    ) -> Result<Kept<IssuedKey>, OperationsError> {
        let tenant = command.tenant.clone();
        if let Some(answer) = self.answered(&tenant, key).await? {
            return Ok(Kept::Replayed(answer));
        }
        if matches!(command.issuer, Issuer::Operator) {
            self.tenant(&tenant).await?;
        }
        for _ in 0..TRIES {
            let (issued, change) = match self.decide_key(&command) {
                Ok(decided) => decided,
                Err(refusal) => return self.refuse(&tenant, key, refusal).await,
            };
            let kept = key.map(|key| {
                record(key, issued.key.id.to_string(), present(&issued.key), issued.key.created_at)
            });
            match (self.store().commit(change.keyed(kept)).await, key) {
                (Ok(_), _) => return Ok(Kept::Fresh(issued)),
                (Err(CommitError::Conflict), _) => {}
                (Err(CommitError::KeyTaken(taken)), Some(key)) => {
                    return replayed(*taken, key).map(Kept::Replayed);
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    fn decide_key(
        &self,
        command: &IssueKey,
    ) -> Result<(IssuedKey, Change<OperationsWrite>), OperationsError> {
        let now = self.now();
        let text = ApiKeyText::generate(self.ids().secret(), command.publishable, command.livemode);
        let (by, issuer_scopes) = match &command.issuer {
            Issuer::Caller { doer, scopes } => (doer.clone(), *scopes),
            Issuer::Operator => (Doer::operator(), ScopeSet::all_of_a_tenant()),
        };
        let issue = IssueApiKey {
            id: self.ids().next(),
            tenant: command.tenant.clone(),
            name: command.name.clone(),
            lookup: text.hash(self.pepper()),
            masked: mask(&text),
            scopes: command.scopes,
            publishable: command.publishable,
            livemode: command.livemode,
            expires_at: command.lifetime.map(|lifetime| lifetime.end(now)),
            issued_by: Arc::clone(by.subject()),
            issuer_scopes,
        };
        let (key, _issued) = ApiKey::issue(issue, now)?;
        let change = Change::of(key.tenant.clone())
            .save(Save::new(key.clone()))
            .tell([ApiKeyChanged::of(&key).into_message(self.envelope()), self.issued(&by, &key)]);
        Ok((IssuedKey { key, secret: text }, change))
    }
}

impl OperationsService {
    /// For the audit log: who issued it, and what it may do.
    fn issued(&self, by: &Doer, key: &ApiKey) -> Message {
        let scopes: Vec<&str> = key.scopes.iter().map(Scope::as_str).collect();
        let deed = Deed {
            action: "api_key.issued",
            resource_id: key.id.to_string(),
            version: key.version,
            details: &[
                ("name", key.name.clone()),
                ("scopes", scopes.join(" ")),
                ("publishable", key.publishable.to_string()),
                ("livemode", key.livemode.to_string()),
            ],
        };
        self.audited(by, &key.tenant, deed, key.created_at)
    }
}

fn mask(text: &ApiKeyText) -> MaskedKey {
    // `sk_test_…a1B2`: what the kit says may be shown, in its two parts.
    let masked = text.masked();
    let (prefix, last4) = masked.split_once('…').unwrap_or((&masked, ""));
    MaskedKey { prefix: prefix.to_owned(), last4: last4.to_owned() }
}
