//! Commit what a connector answered about a verification.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;
use tender_domain::kernel::{StoreError, to_micros};
use tender_domain::vault::{MethodCommand, PaymentMethod, VerificationAnswer, VerificationStep};
use tender_http::RequestKey;

use super::ask_connector::NOT_DONE;
use super::commit::{changed, decide};
use super::{Present, Reply};
use crate::{VaultError, VaultService};

/// How many verifications are gone on with at once.
const AT_ONCE: usize = 8;

impl VaultService {
    /// Commits the answer to verification number `number` of the method; one that came before stays.
    pub(super) async fn settle_verification(
        &self,
        (asked, number): (&PaymentMethod, u32),
        answer: VerificationAnswer,
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let was_not_done = matches!(&answer, VerificationAnswer::Nothing(result)
            if result.reason.as_deref() == Some(NOT_DONE));
        // It may be asked for again under the same key.
        let key = key.filter(|_| !was_not_done);
        let command = MethodCommand::Verify(VerificationStep::Answer(number, answer));
        let reply = decide(|| async {
            let found = self.deps.store.method(&asked.tenant, asked.id).await?;
            let method = found.ok_or(VaultError::NotFound("payment method"))?;
            let now = to_micros(self.deps.clock.now());
            let change = changed(&method, &command, now)?;
            let after = change.as_ref().map_or(&method, |(save, _)| &save.after);
            let reply = Reply::of(after, present, now);
            let record = self.record(key, method.id.to_string(), &reply.answer);
            if change.is_some() || record.is_some() {
                let changes = change.into_iter().collect();
                let _ = self.commit_telling(&asked.tenant, changes, record, None).await?;
            }
            Ok(reply)
        })
        .await?;
        if was_not_done { Err(VaultError::ConnectorsUnavailable) } else { Ok(reply) }
    }

    /// Goes on with up to `limit` verifications that are due. Says how many there were.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn go_on_with_verifications(&self, limit: usize) -> Result<usize, StoreError> {
        let now = to_micros(self.deps.clock.now());
        let due = self.deps.store.due_verifications(now, limit).await?;
        let count = due.len();
        let all = stream::iter(due).for_each_concurrent(AT_ONCE, |method| async move {
            if let Err(error) = self.go_on(&method).await {
                let (tenant, id) = (&method.tenant, method.id);
                tracing::warn!(%tenant, method = %id, %error, "a verification could not be gone on with");
            }
        });
        all.await;
        Ok(count)
    }

    async fn go_on(&self, method: &Arc<PaymentMethod>) -> Result<(), VaultError> {
        let Some(last) = method.verification.as_deref() else { return Ok(()) };
        if last.awaits_amounts() {
            return self.expire_verification(method).await;
        }
        let named = Some(last.connector.as_str());
        let answer = match self.verifier((&method.tenant, method.id), &[last.kind], named).await {
            Ok((method, verifier)) => self.ask(&verifier, (&method, last), false).await,
            Err(error) => {
                let (tenant, id) = (&method.tenant, method.id);
                tracing::warn!(%tenant, method = %id, %error, "a connector could not be asked about a method");
                VerificationAnswer::Unknown
            }
        };
        let nothing: Present = |_, _| tender_http::keep(200, &());
        self.settle_verification((method, last.number), answer, None, nothing).await.map(drop)
    }

    async fn expire_verification(&self, method: &PaymentMethod) -> Result<(), VaultError> {
        let command = MethodCommand::Verify(VerificationStep::Expire);
        decide(|| async {
            let Some(method) = self.deps.store.method(&method.tenant, method.id).await? else {
                return Ok(());
            };
            let change = changed(&method, &command, to_micros(self.deps.clock.now()))?;
            if let Some(change) = change {
                let _ = self.commit_telling(&method.tenant, vec![change], None, None).await?;
            }
            Ok(())
        })
        .await
    }
}
