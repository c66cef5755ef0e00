//! What every change of methods has in common.

use std::future::Future;
use std::sync::Arc;

use chrono::SecondsFormat;
use tender_domain::kernel::{
    Caller, Change, CommitError, Committed, KeyWrite, Message, MethodId, Save, TenantId, Timestamp,
};
use tender_domain::vault::{
    Applied, MANDATE_REFERENCE, MethodCommand, MethodEvent, MethodStatus, PaymentMethod,
    SEALED_BY_RETIRED_KEY, VaultWrite, instrument_guards, method_guards,
};
use tender_events::{AuditRecorded, Envelope, PaymentMethodChanged, PublicEvent};

use crate::{VaultError, VaultService};

/// How often a use case decides again when somebody else was faster.
const DECISIONS_MAX: usize = 5;

/// A method to save, and what happened to it.
pub(super) type MethodChange = (Save<PaymentMethod>, MethodEvent);

/// Decides until the decision could be committed, or others were faster too often.
pub(super) async fn decide<T, F, D>(mut decision: D) -> Result<T, VaultError>
where
    D: FnMut() -> F,
    F: Future<Output = Result<T, VaultError>>,
{
    for _ in 0..DECISIONS_MAX {
        match decision().await {
            Err(VaultError::Commit(CommitError::ClaimTaken { kind, .. })) if kind == MANDATE_REFERENCE => {
                return Err(VaultError::MandateReferenceTaken);
            }
            Err(VaultError::Commit(CommitError::Conflict | CommitError::ClaimTaken { .. })) => {}
            // It was loaded under a key that was retired since.
            Err(VaultError::Commit(CommitError::Refused { constraint }))
                if constraint == SEALED_BY_RETIRED_KEY => {}
            settled => return settled,
        }
    }
    Err(CommitError::Conflict.into())
}

/// The change that a command on a loaded method makes; none when the method already is as wanted.
pub(super) fn changed(
    method: &Arc<PaymentMethod>,
    command: &MethodCommand,
    now: Timestamp,
) -> Result<Option<MethodChange>, VaultError> {
    match method.apply(command, now)? {
        Applied::Changed(next, event) => Ok(Some((Save::changed(Arc::clone(method), *next), event))),
        Applied::AlreadyApplied => Ok(None),
    }
}

impl VaultService {
    /// The active method, if the caller may see it.
    pub(super) async fn visible(
        &self,
        caller: &Caller,
        id: MethodId,
    ) -> Result<Arc<PaymentMethod>, VaultError> {
        let found = self.deps.store.method(&caller.tenant, id).await?;
        let is_visible = |method: &Arc<PaymentMethod>| {
            let is_own = caller.only_customer().is_none_or(|own| method.customer_id.as_deref() == Some(own));
            is_own && method.status() == MethodStatus::Active
        };
        found.filter(is_visible).ok_or(VaultError::NotFound("payment method"))
    }

    /// The change that takes the default from whom has it, when `method` becomes the default.
    pub(super) async fn displaced(
        &self,
        method: &PaymentMethod,
        now: Timestamp,
    ) -> Result<Option<MethodChange>, VaultError> {
        let Some(customer) = method.customer_id.as_deref().filter(|_| method.is_default()) else {
            return Ok(None);
        };
        let current = self.deps.store.default_method(&method.tenant, customer).await?;
        match current.filter(|current| current.id != method.id) {
            Some(current) => changed(&current, &MethodCommand::StepDown, now),
            None => Ok(None),
        }
    }

    /// For the audit log: that the customer's consent came with this change; none when it did not.
    pub(super) fn consent_of(
        &self,
        caller: &Caller,
        before: Option<&PaymentMethod>,
        after: &PaymentMethod,
    ) -> Option<Message> {
        let consent = after.consent.as_ref()?;
        if before.is_some_and(|before| before.consent.as_ref() == Some(consent)) {
            return None;
        }
        let at = consent.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let details = vec![("text_version", consent.text_version.clone()), ("consented_at", at)];
        Some(self.audit_line(caller, after, "payment_method.consent_given", details))
    }

    /// For the audit log: who did what to a method.
    pub(super) fn audit_line(
        &self,
        caller: &Caller,
        method: &PaymentMethod,
        action: &str,
        details: Vec<(&'static str, String)>,
    ) -> Message {
        let customer = method.customer_id.iter().map(|id| ("customer_id", id.clone()));
        let details = customer.chain(details).map(|(name, value)| (name.to_owned(), value));
        let recorded = AuditRecorded {
            action: action.to_owned(),
            service: "vault".to_owned(),
            tenant_id: method.tenant.clone(),
            subject: caller.subject.to_string(),
            actor: caller.actor.as_ref().map(ToString::to_string),
            resource_id: method.id.to_string(),
            intent_id: None,
            reason: None,
            details: details.collect(),
            version: method.version,
            recorded_at: method.updated_at,
        };
        let traceparent = tender_http::current_traceparent();
        recorded.into_message(Envelope { id: self.deps.ids.event(), traceparent })
    }

    /// Commits changed methods of one customer, with their events, `told` beside them, the guards and the key's record.
    pub(super) async fn commit_telling(
        &self,
        tenant: &TenantId,
        changes: Vec<MethodChange>,
        key: Option<KeyWrite>,
        told: Option<Message>,
    ) -> Result<Committed, VaultError> {
        let events = changes.iter().map(|(save, event)| self.message(&save.after, *event));
        let messages: Vec<_> = events.chain(told).collect();
        let saves: Vec<_> = changes.into_iter().map(|(save, _)| save).collect();
        let guards = method_guards(&saves).into_iter().chain(instrument_guards(&saves)).collect();
        let mut change = Change::of(tenant.clone()).tell(messages).keyed(key);
        change.writes = saves.into_iter().map(VaultWrite::from).collect();
        change.guards = guards;
        Ok(self.deps.store.commit(change).await?)
    }

    fn message(&self, method: &PaymentMethod, event: MethodEvent) -> Message {
        let envelope =
            Envelope { id: self.deps.ids.event(), traceparent: tender_http::current_traceparent() };
        public_state(method, event).into_message(envelope)
    }
}

/// The masked public state.
fn public_state(method: &PaymentMethod, event: MethodEvent) -> PaymentMethodChanged {
    let (card, account) = (method.details.card(), method.details.bank_account());
    PaymentMethodChanged {
        payment_method_id: method.id,
        tenant_id: method.tenant.clone(),
        change: event.as_str().to_owned(),
        status: method.status().as_str().to_owned(),
        customer_id: method.customer_id.clone(),
        merchant_account_id: method.merchant_account_id.clone(),
        method_type: method.details.method_type().as_str().to_owned(),
        brand: card.map(|card| card.brand.clone()),
        last4: method.details.last4().map(str::to_owned),
        exp_month: card.map(|card| card.exp_month),
        exp_year: card.map(|card| card.exp_year),
        country: account.map(|account| account.country.clone()),
        bic: account.and_then(|account| account.bic.clone()),
        mandate_reference: method.mandate.as_ref().map(|mandate| mandate.reference.clone()),
        duplicate_of: method.duplicate_of,
        verification_status: Some(method.verification_status().as_str().to_owned()),
        fingerprint: method.fingerprint.to_string(),
        is_default: method.is_default(),
        metadata: method.metadata.entries().clone(),
        consent_text_version: method.consent.as_ref().map(|consent| consent.text_version.clone()),
        consented_at: method.consent.as_ref().map(|consent| consent.at),
        livemode: method.livemode,
        version: method.version,
        created_at: method.created_at,
        updated_at: method.updated_at,
        deleted_at: method.deleted_at(),
    }
}
