//! Delete a payment method.

use tender_domain::kernel::{Caller, MethodId, Timestamp, to_micros};
use tender_domain::vault::{Card, MethodCommand, PaymentMethod};
use tender_http::RequestKey;

use super::commit::{MethodChange, changed, decide};
use super::{ExpectedVersion, Present, Reply};
use crate::{VaultError, VaultService};

/// A request to delete one method.
#[derive(Debug, Clone)]
pub struct MethodDeletion {
    /// Which method.
    pub id: MethodId,
    /// Which version the client has read, if it names one.
    pub expected: ExpectedVersion,
}

impl VaultService {
    /// Deletes the method: its tokens and billing details are erased, the rest is kept for the books and never shown
    /// again. The default passes on to the customer's newest other method, an expired card's only when there is no other.
    ///
    /// # Errors
    /// See [`VaultError`]; 412 when the client names a stale version.
    pub async fn delete_method(
        &self,
        caller: &Caller,
        MethodDeletion { id, expected }: MethodDeletion,
        key: Option<RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let (tenant, key) = (&caller.tenant, key.as_ref());
        if let Some(reply) = self.replayed(tenant, key).await? {
            return Ok(reply);
        }
        let result = decide(|| async {
            let method = self.visible(caller, id).await?;
            expected.check_if_named(method.version)?;
            let now = to_micros(self.deps.clock.now());
            let mut changes: Vec<_> = changed(&method, &MethodCommand::Delete, now)?.into_iter().collect();
            let reply = Reply::of(changes.first().map_or(&method, |(save, _)| &save.after), present, now);
            let told = changes
                .first()
                .map(|(save, _)| self.audit_line(caller, &save.after, "payment_method.deleted", Vec::new()));
            changes.extend(self.promoted(&method, now).await?);
            let record = self.record(key, id.to_string(), &reply.answer);
            let _ = self.commit_telling(tenant, changes, record, told).await?;
            Ok(reply)
        })
        .await;
        self.settled(tenant, key, result).await
    }

    /// The change that passes the default on when `leaving` had it.
    async fn promoted(
        &self,
        leaving: &PaymentMethod,
        now: Timestamp,
    ) -> Result<Option<MethodChange>, VaultError> {
        let Some(customer) = leaving.customer_id.as_deref().filter(|_| leaving.is_default()) else {
            return Ok(None);
        };
        let (store, month) = (&self.deps.store, Card::first_good_month(now));
        let heir = store.newest_other_method(&leaving.tenant, customer, leaving.id, month).await?;
        match heir {
            Some(heir) => changed(&heir, &MethodCommand::BecomeDefault, now),
            None => Ok(None),
        }
    }
}
