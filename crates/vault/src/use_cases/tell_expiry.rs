//! Tell that cards expire, and that they have.

use futures_util::future::join_all;
use tender_domain::kernel::{StoreError, to_micros};
use tender_domain::vault::{Card, MethodCommand, PaymentMethod};

use super::commit::{changed, decide};
use crate::{VaultError, VaultService};

impl VaultService {
    /// Tells it of up to `limit` methods, each once. Says of how many.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn tell_expiries(&self, limit: usize) -> Result<usize, StoreError> {
        let month = Card::first_good_month(self.deps.clock.now());
        let methods = self.deps.store.expiries_to_tell(month, limit).await?;
        let told = join_all(methods.iter().map(|method| self.tell_expiry(method))).await;
        let mut count = 0;
        for (method, told) in methods.iter().zip(told) {
            match told {
                Ok(()) => count += 1,
                Err(error) => {
                    let (tenant, id) = (&method.tenant, method.id);
                    tracing::warn!(%tenant, method = %id, %error, "a card's expiry could not be told");
                }
            }
        }
        Ok(count)
    }

    /// The mark and the event are one commit: it is told once, however many tell it at once.
    async fn tell_expiry(&self, method: &PaymentMethod) -> Result<(), VaultError> {
        decide(|| async {
            let Some(method) = self.deps.store.method(&method.tenant, method.id).await? else {
                return Ok(());
            };
            let now = to_micros(self.deps.clock.now());
            if method.expiry_to_tell(now).is_none() {
                return Ok(());
            }
            if let Some(change) = changed(&method, &MethodCommand::TellExpiry, now)? {
                let _ = self.commit_telling(&method.tenant, vec![change], None, None).await?;
            }
            Ok(())
        })
        .await
    }
}
