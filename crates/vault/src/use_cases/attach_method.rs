//! Give a payment method to a customer, or to a merchant account.

use tender_domain::kernel::{Caller, Credential, MethodId, to_micros};
use tender_domain::vault::{MethodCommand, check_reference};
use tender_http::RequestKey;

use super::commit::{changed, decide};
use super::create_method::consent;
use super::{ConsentGiven, Present, Reply};
use crate::{VaultError, VaultService};

/// Which method goes to whom.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Which method.
    pub id: MethodId,
    /// To which customer, if to one.
    pub customer_id: Option<String>,
    /// To which merchant account, if to one.
    pub merchant_account_id: Option<String>,
    /// The customer's consent; required where it was made of data without one.
    pub consent: Option<ConsentGiven>,
}

impl VaultService {
    /// Gives the method to the customer, to the merchant account, or to both. Giving it again to the same one changes nothing.
    ///
    /// # Errors
    /// See [`VaultError`]; `AttachedToAnother` and `AttachedToAnotherMerchant` when it belongs to another, `ConsentRequired`
    /// when no consent was given and it was made of card or bank account data, or a publishable key asks.
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
        let Attachment { customer_id, merchant_account_id, .. } = attachment.clone();
        for (place, id) in [("/customer_id", &customer_id), ("/merchant_account_id", &merchant_account_id)] {
            id.as_deref()
                .map_or(Ok(()), |id| check_reference(place, id))
                .map_err(|problem| VaultError::Details { place: "", problem })?;
        }
        let method = self.visible(caller, attachment.id).await?;
        let now = to_micros(self.deps.clock.now());
        let consent = consent(attachment.consent.as_ref(), now)?;
        let repeated = match customer_id.as_deref() {
            Some(customer) => self.repeated(&caller.tenant, customer, method.fingerprint).await?,
            None => None,
        };
        let duplicate_of = repeated.filter(|found| *found != method.id);
        let by_browser = matches!(caller.credential, Credential::PublishableKey(_));
        let command =
            MethodCommand::Attach { customer_id, merchant_account_id, consent, by_browser, duplicate_of };
        let change = changed(&method, &command, now)?;
        let after = change.as_ref().map_or(&method, |(save, _)| &save.after);
        let reply = Reply::of(after, present, now);
        let told = self.consent_of(caller, Some(&method), after);
        let record = self.record(key, method.id.to_string(), &reply.answer);
        if change.is_some() || record.is_some() {
            let changes = change.into_iter().collect();
            let _ = self.commit_telling(&caller.tenant, changes, record, told).await?;
        }
        Ok(reply)
    }
}
