//! Posts a money effect, once.

use tender_domain::kernel::{Change, CommitError, InboxEntry, Save, StoreError};
use tender_domain::ledger::{EffectId, LedgerTransaction, LedgerWrite, TransferId};

use crate::SettlementService;

/// The consumer by whose name effects are remembered. It never changes: with another name every effect would look new.
pub(crate) const LEDGER: &str = "ledger";

/// What became of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Posted {
    /// It is in the ledger now.
    Now,
    /// It was there already; nothing was done.
    Before,
}

/// Why an effect was not posted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PostError {
    /// The effect is in the ledger with other transfers: one of the two tells a lie, and a person has to look.
    #[error("effect {0} was posted before, with other transfers")]
    OtherTransfers(EffectId),
    /// The store did not take it for a reason that will not pass.
    #[error("the ledger refused effect {effect}: {problem}")]
    Refused {
        /// The effect.
        effect: EffectId,
        /// What the store said.
        problem: String,
    },
    /// What the ledger has of the effect breaks a law: no later try reads it otherwise, and a person has to look.
    #[error("the ledger cannot say what it has of it: {0}")]
    Unreadable(String),
    /// The store cannot take it now; the same call later does the right thing, whatever became of this one.
    #[error("the ledger cannot take it now: {0}")]
    TryAgain(String),
}

impl From<StoreError> for PostError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::TryAgain(error.to_string()),
            StoreError::Corrupt { .. } => Self::Unreadable(error.to_string()),
        }
    }
}

impl SettlementService {
    /// Posts a transaction, unless its effect is in the ledger already.
    ///
    /// # Errors
    /// See [`PostError`].
    pub async fn post(&self, transaction: LedgerTransaction) -> Result<Posted, PostError> {
        let posting = transaction.posting();
        let (kind, effect) = (posting.kind, posting.effect.clone());
        let handled = InboxEntry { consumer: LEDGER, key: effect.as_str().to_owned() };
        let change = Change::<LedgerWrite>::of(posting.tenant.clone())
            .save(Save::new(transaction.clone()))
            .handled(handled)
            .in_background();
        let posted = match self.store.commit(change).await {
            Ok(_) => Posted::Now,
            Err(CommitError::AlreadyHandled) => self.same_as_posted(&transaction).await?,
            Err(CommitError::Refused { constraint })
                if constraint == LedgerWrite::ONE_TRANSACTION_AN_EFFECT =>
            {
                self.same_as_posted(&transaction).await?
            }
            Err(error @ CommitError::Refused { .. }) => {
                return Err(PostError::Refused { effect, problem: error.to_string() });
            }
            Err(error) => return Err(PostError::TryAgain(error.to_string())),
        };
        let result = match posted {
            Posted::Now => "posted",
            Posted::Before => "duplicate",
        };
        metrics::counter!("ledger_postings_total", "kind" => kind.as_str(), "result" => result).increment(1);
        Ok(posted)
    }

    /// The effect was posted before: fine when it says the same. A second message of one effect with another amount is
    /// never dropped in silence.
    async fn same_as_posted(&self, transaction: &LedgerTransaction) -> Result<Posted, PostError> {
        let asked = transaction.posting();
        let found = self.store.transaction(&asked.tenant, &asked.effect).await?;
        let moves = |transaction: &LedgerTransaction| {
            let transfers = transaction.posting().transfers.iter();
            transfers.map(|t| (t.debit.clone(), t.credit.clone(), t.amount)).collect::<Vec<_>>()
        };
        let effect = asked.effect.clone();
        match found {
            Some(found) if moves(&found) == moves(transaction) => Ok(Posted::Before),
            Some(_) => Err(PostError::OtherTransfers(effect)),
            None => {
                Err(PostError::Refused { effect, problem: "it is marked as posted and is not there".into() })
            }
        }
    }

    /// A new transfer's id.
    pub(crate) fn transfer_id(&self) -> TransferId {
        TransferId::new(self.ids.uuid())
    }
}
