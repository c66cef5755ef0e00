//! Give a payment method to a customer.

use tender_domain::kernel::{Caller, MethodId, to_micros};
use tender_domain::vault::{MethodCommand, check_reference};
use tender_http::RequestKey;

use super::commit::{changed, decide};
use super::{Present, Reply};
use crate::{VaultError, VaultService};

/// Which method goes to whom.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Which method.
    pub id: MethodId,
    /// To whom.
    pub customer_id: String,
}

impl VaultService {
    /// Gives the method to the customer. Giving it again to the same one changes nothing.
    ///
    /// # Errors
    /// See [`VaultError`]; `AttachedToAnother` when it belongs to another customer.
    pub async fn attach_method(
        &self,
        caller: &Caller,
        attachment: Attachment,
        key: Option<RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let (tenant, key) = (&caller.tenant, key.as_ref());
        if let Some(reply) = self.replayed(tenant, key).await? {
            return Ok(reply);
        }
        let result = decide(|| self.attach(caller, &attachment, key, present)).await;
        self.settled(tenant, key, result).await
    }

    async fn attach(
        &self,
        caller: &Caller,
        attachment: &Attachment,
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let customer_id = attachment.customer_id.clone();
        check_reference("/customer_id", &customer_id)
            .map_err(|problem| VaultError::Details { place: "", problem })?;
        let method = self.visible(caller, attachment.id).await?;
        let now = to_micros(self.deps.clock.now());
        let change = changed(&method, &MethodCommand::Attach { customer_id }, now)?;
        let reply = Reply::of(change.as_ref().map_or(&method, |(save, _)| &save.after), present);
        let record = self.record(key, method.id.to_string(), &reply.answer);
        if change.is_some() || record.is_some() {
            let _ = self.commit(&caller.tenant, change.into_iter().collect(), record).await?;
        }
        Ok(reply)
    }
}
