//! Shows on an intent what refunds gave back: a projection of `refund.processed` and `refund-failed`.

use tender_domain::intents::{Intent, RefundOfIntent, Refusal};
use tender_domain::kernel::{Change, CommitError, InboxEntry, Money, Save};

use super::{IntentsError, RefundToTell};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 20;

/// What refunds told of a refund, and what that changes.
#[derive(Debug, Clone)]
pub(crate) struct ToldRefund {
    /// The refund as it stands.
    pub(crate) refund: RefundOfIntent,
    /// What of it counts as given back from now on: negative when it was taken back.
    pub(crate) given_back: Money,
    /// By what a message of it is known.
    pub(crate) entry: InboxEntry,
    /// What people are told of it; none of what was not done.
    pub(crate) tell: Option<RefundToTell>,
}

impl IntentsService {
    /// Takes up what was told of a refund: once, by its entry. What people are told of it is asked for with it, and is never
    /// in its way.
    pub(crate) async fn take_up_refund(&self, told: ToldRefund) -> Result<(), IntentsError> {
        let (tenant, id) = (&told.refund.tenant, told.refund.intent_id);
        let mut tell = told.tell.as_ref();
        for _ in 0..DECISIONS_MAX {
            let before = self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?;
            let mut change = Change::of(tenant.clone()).save(told.refund.clone()).handled(told.entry.clone());
            if let Some(tell) = tell {
                let now = self.clock.now();
                change = self.with_refund_told(change, &before, (&told.refund, tell), now).await?;
            }
            if !told.given_back.is_zero() {
                let sum = before.amount_refunded.checked_add(told.given_back).map_err(Refusal::from)?;
                let after = before.with_refunded(sum, self.clock.now());
                change = change.save(Save::<Intent>::changed(before, after));
            }
            match self.store.commit(change.in_background()).await {
                Ok(_) | Err(CommitError::AlreadyHandled) => return Ok(()),
                Err(CommitError::Conflict) => {}
                // What people are told cannot be kept, as when they were told before: the refund counts without.
                Err(CommitError::Refused { constraint }) if tell.is_some() && is_of_notices(&constraint) => {
                    tracing::warn!(refund = %told.refund.id, constraint, "nobody is told of a refund");
                    tell = None;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

/// Whether a refused constraint is one of the table of messages.
fn is_of_notices(constraint: &str) -> bool {
    constraint.starts_with("refund_notices")
}
