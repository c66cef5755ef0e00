//! What a payment's money does to the reservation that it is for.

use tender_domain::hotels::HotelWrite;
use tender_domain::intents::{Intent, IntentWrite};
use tender_domain::kernel::{Change, IntentId, Save, Timestamp};

use super::IntentsError;
use crate::IntentsService;
use crate::order_messages::{GivenBack, order_changed};

impl IntentsService {
    /// The change with the reservation that a payment's capture is for. Whoever changes it meanwhile makes the commit a
    /// `Conflict`, and it is decided again.
    pub(crate) async fn with_reservation_paid(
        &self,
        change: Change<IntentWrite>,
        intent: &Intent,
        now: Timestamp,
    ) -> Result<Change<IntentWrite>, IntentsError> {
        let Some(order) = &intent.order_ref else { return Ok(change) };
        let Some(before) = self.storefront.hotels.reservation(&intent.tenant, order).await? else {
            return Ok(change);
        };
        let Some(after) = before.record_paid(intent.id, intent.amount_captured(), now) else {
            return Ok(change);
        };
        // What comes after it was given up goes back as well.
        let refund: Vec<IntentId> =
            after.refunded().iter().filter(|paid| **paid == intent.id).copied().collect();
        let told = (after.status != before.status || !refund.is_empty())
            .then(|| order_changed(&*self.ids, &after, GivenBack::PaidAfterCancellation(&refund)));
        Ok(change.save(HotelWrite::Reservation(Save::changed(before, after))).tell(told))
    }

    /// The change with the reservation whose payment its gateway took back: when no other payment covers its deposit it
    /// is no longer confirmed, which `order.changed` tells. Conflicts as above.
    pub(crate) async fn with_reservation_unpaid(
        &self,
        change: Change<IntentWrite>,
        intent: &Intent,
        now: Timestamp,
    ) -> Result<Change<IntentWrite>, IntentsError> {
        let Some(order) = &intent.order_ref else { return Ok(change) };
        let Some(before) = self.storefront.hotels.reservation(&intent.tenant, order).await? else {
            return Ok(change);
        };
        let mut others = Vec::new();
        for other in before.paid.iter().filter(|other| **other != intent.id) {
            let other = self.store.intent(&intent.tenant, *other).await?;
            others.extend(other.map(|other| other.amount_captured()));
        }
        let taken_back = before.record_taken_back(intent.id, intent.amount_captured(), &others, now);
        let Some(after) = taken_back else { return Ok(change) };
        let told = (after.status != before.status)
            .then(|| order_changed(&*self.ids, &after, GivenBack::Cancellation(&[])));
        Ok(change.save(HotelWrite::Reservation(Save::changed(before, after))).tell(told))
    }
}
