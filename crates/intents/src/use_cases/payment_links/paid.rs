//! Completes a link by the commit that records its payment.

use tender_domain::intents::{Channel, Intent, IntentEvent, IntentWrite};
use tender_domain::kernel::{Change, PaymentLinkId, Save, Timestamp};
use tender_domain::payment_links::PaymentLink;
use tender_domain::ports::OrderStatus;

use super::pay::LINK_METADATA;
use crate::IntentsService;
use crate::order_messages::order_of_payment_changed;
use crate::use_cases::IntentsError;

impl IntentsService {
    /// The change with all that a payment's money completes: the link that it is by, and the reservation that it is for,
    /// or what becomes of that when the gateway took the money back; with what is told of its order, and with what a hotel is
    /// told of its end. Whoever changes those meanwhile makes the commit a `Conflict`, and it is decided again.
    pub(crate) async fn with_paid(
        &self,
        change: Change<IntentWrite>,
        (intent, events): (&Intent, &[IntentEvent]),
        now: Timestamp,
    ) -> Result<Change<IntentWrite>, IntentsError> {
        let change = self.with_hotel_told(change, (intent, events), now).await?;
        let happened = |wanted: fn(&IntentEvent) -> bool| events.iter().any(wanted);
        if happened(|event| matches!(event, IntentEvent::CaptureReversed { .. })) {
            return match intent.channel {
                Channel::Hotels => self.with_reservation_unpaid(change, intent, now).await,
                _ => Ok(self.with_order_told(change, intent, OrderStatus::Pending, now)),
            };
        }
        if !happened(|event| matches!(event, IntentEvent::Captured { .. })) {
            return Ok(change);
        }
        let change = self.with_link_paid(change, intent, now).await?;
        match intent.channel {
            Channel::Hotels => self.with_reservation_paid(change, intent, now).await,
            _ if intent.amount_captured() == intent.amount => {
                Ok(self.with_order_told(change, intent, OrderStatus::Confirmed, now))
            }
            _ => Ok(change),
        }
    }

    /// The change with what `order.changed` tells of the order that a storefront's payment is for: its ordering side, or
    /// the built-in directory, is written back to by who follows that. An `order_ref` of the core API is the client's own
    /// word for something, and nothing is told of it.
    fn with_order_told(
        &self,
        change: Change<IntentWrite>,
        intent: &Intent,
        status: OrderStatus,
        now: Timestamp,
    ) -> Change<IntentWrite> {
        let order = intent.order_ref.as_deref().filter(|_| intent.channel != Channel::Core);
        let told = order.map(|order| order_of_payment_changed(&*self.ids, (order, intent), status, now));
        change.tell(told)
    }

    /// The change with the link that it completes: when the intent names a link, and it is that link's own payment.
    async fn with_link_paid(
        &self,
        change: Change<IntentWrite>,
        intent: &Intent,
        now: Timestamp,
    ) -> Result<Change<IntentWrite>, IntentsError> {
        let named = intent.metadata.entries().get(LINK_METADATA);
        let Some(id) = named.and_then(|text| text.parse::<PaymentLinkId>().ok()) else { return Ok(change) };
        let link = self.links.store.payment_link(&intent.tenant, id).await?;
        let paid = link.and_then(|before| before.record_paid(intent.id, now).map(|after| (before, after)));
        Ok(match paid {
            Some((before, after)) => change.save(Save::<PaymentLink>::changed(before, after)),
            None => change,
        })
    }
}
