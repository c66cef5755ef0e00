//! Orders of the built-in directory that are given up: what was paid for them is told, for refunds to give it back.

use tender_domain::intents::{Channel, Intent, IntentFilter, IntentStatus, StoredOrder};
use tender_domain::kernel::{
    Change, CommitError, Cursor, Direction, InboxEntry, IntentId, Limits, Message, PageRequest, TenantId,
};
use tender_domain::ports::OrderStatus;
use tender_events::OrderChanged;

use super::IntentsError;
use crate::IntentsService;
use crate::order_messages::{GivenBack, order_given_up};

/// How many payments one message names at most.
const PAYMENTS_OF_MESSAGE: usize = 100;

impl IntentsService {
    /// What is told with the commit by which an order becomes canceled, once: its storefront's payments, and those of them
    /// of which something is left. Nothing of an order that was so before. What lands later is told by
    /// [`give_back_paid_late`](Self::give_back_paid_late).
    pub(super) async fn told_of_given_up(
        &self,
        before: Option<&StoredOrder>,
        after: &StoredOrder,
    ) -> Result<Vec<Message>, IntentsError> {
        let was = before.is_some_and(|before| before.order.status == OrderStatus::Canceled);
        if was || after.order.status != OrderStatus::Canceled {
            return Ok(Vec::new());
        }
        let paid = self.paid_for(&after.tenant, &after.order.reference).await?;
        if paid.is_empty() {
            return Ok(vec![order_given_up(&*self.ids, after, &[], GivenBack::Cancellation(&[]))]);
        }
        let told = paid.chunks(PAYMENTS_OF_MESSAGE).map(|paid| {
            let all: Vec<IntentId> = paid.iter().map(|intent| intent.id).collect();
            let left: Vec<IntentId> =
                paid.iter().filter(|intent| is_left(intent)).map(|intent| intent.id).collect();
            order_given_up(&*self.ids, after, &all, GivenBack::Cancellation(&left))
        });
        Ok(told.collect())
    }

    /// A payment was told that had been on its way when its order was given up, so that nobody has named it for a refund.
    /// Told twice it is refunded once, by refunds' own key of the payment; handled twice it is told once.
    pub(crate) async fn give_back_paid_late(
        &self,
        entry: InboxEntry,
        event: &OrderChanged,
    ) -> Result<(), IntentsError> {
        let tenant = &event.tenant_id;
        let order = self.store.order(tenant, &event.order_id).await?;
        let Some(order) = order.filter(|order| order.order.status == OrderStatus::Canceled) else {
            return Ok(());
        };
        let mut late = Vec::new();
        for payment in &event.paid_by {
            let intent = self.store.intent(tenant, *payment).await?;
            late.extend(
                intent.filter(|intent| is_of_storefront(intent) && is_left(intent)).map(|one| one.id),
            );
        }
        if late.is_empty() {
            return Ok(());
        }
        // One that the cancellation has named as well is judged as that judged it, whichever is heard first.
        let given_back = if event.changed_at > order.updated_at {
            GivenBack::PaidAfterCancellation(&late)
        } else {
            GivenBack::Cancellation(&late)
        };
        let told = order_given_up(&*self.ids, &order, &late, given_back);
        let change = Change::of(tenant.clone()).tell([told]).handled(entry);
        match self.store.commit(change.in_background()).await {
            Ok(_) | Err(CommitError::AlreadyHandled) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The payments of storefronts that took money for an order, oldest first. A hotel's are its reservation's, and of
    /// the core API `order_ref` is the client's own word.
    async fn paid_for(&self, tenant: &TenantId, order: &str) -> Result<Vec<Intent>, IntentsError> {
        let filter = IntentFilter {
            order_ref: Some(order.to_owned()),
            statuses: vec![IntentStatus::Succeeded, IntentStatus::RequiresCapture, IntentStatus::Processing],
            ..IntentFilter::default()
        };
        let (mut paid, mut cursor) = (Vec::new(), None);
        loop {
            let page = PageRequest::new(Limits::PAGE_ROWS, cursor, Direction::Older).unwrap_or_default();
            let found = self.store.intents(tenant, &filter, &page).await?;
            cursor = found.data.last().filter(|_| found.has_more).map(|last| Cursor(last.id.uuid()));
            let takes = |intent: &Intent| is_of_storefront(intent) && !intent.amount_captured().is_zero();
            paid.extend(found.data.into_iter().filter(takes));
            if cursor.is_none() {
                paid.reverse();
                return Ok(paid);
            }
        }
    }
}

const fn is_of_storefront(intent: &Intent) -> bool {
    matches!(intent.channel, Channel::Tickets | Channel::Rentals | Channel::Adventures)
}

fn is_left(intent: &Intent) -> bool {
    intent.amount_captured().minor() > intent.amount_refunded.minor()
}
