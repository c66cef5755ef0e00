//! Change what a client keeps with a payment method, and whether it is the default.

use std::collections::BTreeMap;

use tender_domain::kernel::{Caller, MethodId, Version, to_micros};
use tender_domain::vault::{BillingDetails, MethodCommand, UpdateMethod};
use tender_http::{IfMatch, RequestKey, check_version, check_version_if_named};

use super::commit::{changed, decide};
use super::create_method::consent;
use super::{ConsentGiven, Present, Reply};
use crate::{VaultError, VaultService};

/// Which version the client has read.
#[derive(Debug, Clone)]
pub struct ExpectedVersion {
    /// By the header.
    pub if_match: IfMatch,
    /// By the body.
    pub body: Option<Version>,
}

impl ExpectedVersion {
    fn check(&self, current: Version) -> Result<(), VaultError> {
        Ok(check_version(&self.if_match, self.body, current)?)
    }

    pub(super) fn check_if_named(&self, current: Version) -> Result<(), VaultError> {
        Ok(check_version_if_named(&self.if_match, self.body, current)?)
    }
}

/// What is to change; an unset field stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateMethodRequest {
    /// Laid over the metadata; an empty value removes its key.
    pub metadata: Option<BTreeMap<String, String>>,
    /// In place of the billing details.
    pub billing: Option<BillingDetails>,
    /// Whether it is to be the customer's default. The one that was steps down in the same change.
    pub is_default: Option<bool>,
    /// A consent that the customer gave since.
    pub consent: Option<ConsentGiven>,
}

/// A request to change one method.
#[derive(Debug, Clone)]
pub struct MethodUpdate {
    /// Which method.
    pub id: MethodId,
    /// What is to change.
    pub request: UpdateMethodRequest,
    /// Which version the client has read; it must name one.
    pub expected: ExpectedVersion,
}

impl VaultService {
    /// Changes the method.
    ///
    /// # Errors
    /// See [`VaultError`]; 412 and 428 when the version is stale or not named.
    pub async fn update_method(
        &self,
        caller: &Caller,
        update: MethodUpdate,
        key: Option<RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let (tenant, key) = (&caller.tenant, key.as_ref());
        if let Some(reply) = self.replayed(tenant, key).await? {
            return Ok(reply);
        }
        let result = decide(|| self.update(caller, &update, key, present)).await;
        self.settled(tenant, key, result).await
    }

    async fn update(
        &self,
        caller: &Caller,
        update: &MethodUpdate,
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let method = self.visible(caller, update.id).await?;
        update.expected.check(method.version)?;
        let UpdateMethodRequest { metadata, billing, is_default, consent: given } = update.request.clone();
        let now = to_micros(self.deps.clock.now());
        let consent = consent(given.as_ref(), now)?;
        billing
            .as_ref()
            .map_or(Ok(()), BillingDetails::check)
            .map_err(|problem| VaultError::Details { place: "/billing_details", problem })?;
        let metadata = metadata.map(|changes| method.metadata.patched(changes)).transpose()?;
        let command =
            MethodCommand::Update(Box::new(UpdateMethod { metadata, billing, is_default, consent }));
        let mut changes = Vec::new();
        let mut after = method.clone();
        if let Some(change) = changed(&method, &command, now)? {
            after = change.0.after.clone();
            changes.extend(self.displaced(&after, now).await?);
            changes.push(change);
        }
        let reply = Reply::of(&after, present, now);
        let record = self.record(key, after.id.to_string(), &reply.answer);
        if !changes.is_empty() || record.is_some() {
            let told = self.consent_of(caller, Some(&method), &after);
            let _ = self.commit_telling(&caller.tenant, changes, record, told).await?;
        }
        Ok(reply)
    }
}
