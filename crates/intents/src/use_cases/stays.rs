//! Stays that arrive as orders of the built-in directory: what is put is taken in, changed or given up by the commit of
//! its order.

use std::sync::Arc;

use tender_domain::hotels::{Booking, HotelReservation, HotelWrite, ReservationStatus};
use tender_domain::intents::{SaveOrder, StoredOrder};
use tender_domain::kernel::{Caller, Change, CommitError, Save};
use tender_domain::ports::{Order, OrderStatus};

use super::{AskDeposit, IntentsError, Presenter, PutOrder, Reserved};
use crate::IntentsService;
use crate::order_messages::{GivenBack, order_changed};

const DECISIONS_MAX: u32 = 5;

impl IntentsService {
    /// Puts an order with the stay that it is for, and says whether it is new. The hotel's deposit policy is evaluated
    /// and the deposit asked for. Put again, nothing is asked twice; another booking is asked for anew while its deposit is
    /// not paid, and a page that ended without payment is followed by another one.
    pub(crate) async fn put_stay(
        self: &Arc<Self>,
        caller: &Caller,
        (order, booking): (Order, Booking),
        ask: AskDeposit<'_>,
    ) -> Result<PutOrder, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            // The order first: what confirms the stay after it was read changes the order after that, which is a conflict.
            let before = self.store.order(&caller.tenant, &order.reference).await?;
            let known = self.storefront.hotels.reservation(&caller.tenant, &order.reference).await?;
            let after = self.with_booking(caller, &order.reference, known.as_ref(), &booking).await?;
            let save = self.replaced(caller, before, standing(&order, &after));
            let (stored, is_new) = (StoredOrder::clone(&save.after), save.before.is_none());
            let done = if self.is_asked(caller, &after).await? {
                self.commit_stay(caller, (known.as_ref(), &after), save).await
            } else {
                self.ask_deposit(caller, (known.clone(), after.clone(), Some(save)), &ask).await
            };
            match done {
                Ok(()) => {
                    if let Some(known) = known.filter(|known| known.is_asked_otherwise(&after)) {
                        self.take_back(caller, &known, ask.present).await?;
                    }
                    return Ok((stored, is_new));
                }
                // Put twice at once, or paid meanwhile: what is there now is decided upon.
                Err(IntentsError::Commit(CommitError::Conflict | CommitError::Refused { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Puts an order that is given up, and says whether it is new. Where it is for a stay the reservation goes with it:
    /// what was asked for is taken back, and what the policy gives back of what was paid is told by the same commit.
    pub(crate) async fn give_up_order(
        self: &Arc<Self>,
        caller: &Caller,
        order: Order,
        present: Presenter,
    ) -> Result<PutOrder, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let known = self.storefront.hotels.reservation(&caller.tenant, &order.reference).await?;
            let Some(known) = known else { return self.put_order(&caller.tenant, order).await };
            let before = self.store.order(&caller.tenant, &order.reference).await?;
            let save = self.replaced(caller, before, order.clone());
            let (stored, is_new) = (StoredOrder::clone(&save.after), save.before.is_none());
            let mut change = Change::of(caller.tenant.clone()).save(save);
            if let Some(after) = known.cancel(self.clock.now()) {
                let told = order_changed(&*self.ids, &after, GivenBack::Cancellation(after.refunded()));
                change =
                    change.save(HotelWrite::Reservation(Save::changed(known.clone(), after))).tell([told]);
            }
            match self.store.commit(change).await {
                Ok(_) => {
                    self.take_back(caller, &known, present).await?;
                    return Ok((stored, is_new));
                }
                Err(CommitError::Conflict | CommitError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// What is booked by the reservation behind an order, for a put that does not say it; none of what is no hotel's stay.
    pub(crate) async fn known_booking(
        &self,
        caller: &Caller,
        reference: &str,
    ) -> Result<Option<Booking>, IntentsError> {
        let known = self.storefront.hotels.reservation(&caller.tenant, reference).await?;
        Ok(known.map(|reservation| reservation.booking))
    }

    /// The reservation behind an order, with the payment of its deposit; none of what is no hotel's stay.
    pub(crate) async fn stay_of(
        self: &Arc<Self>,
        caller: &Caller,
        reference: &str,
    ) -> Result<Option<Reserved>, IntentsError> {
        match self.read_reservation(caller, reference).await {
            Ok(reserved) => Ok(Some(reserved)),
            Err(IntentsError::NoSuchReservation) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The reservation as this booking makes it; as it is when the booking is the same.
    async fn with_booking(
        &self,
        caller: &Caller,
        reference: &str,
        known: Option<&HotelReservation>,
        booking: &Booking,
    ) -> Result<HotelReservation, IntentsError> {
        let Some(known) = known else {
            return self.new_reservation(caller, reference, booking.clone()).await;
        };
        if known.status == ReservationStatus::Cancelled {
            return Err(IntentsError::ReservationCancelled);
        }
        if known.booking == *booking {
            return Ok(known.clone());
        }
        let deposit = self.evaluate_deposit(caller, &booking.hotel_id, booking.stay()).await?;
        known.modify(booking.clone(), deposit, self.clock.now()).ok_or(IntentsError::ReservationCancelled)
    }

    /// What is saved of an order that is put.
    fn replaced(&self, caller: &Caller, before: Option<StoredOrder>, order: Order) -> Save<StoredOrder> {
        let now = self.clock.now();
        match before {
            Some(before) => {
                let after = before.replace(order, now);
                Save::changed(before, after)
            }
            None => Save::new(StoredOrder::create(SaveOrder { tenant: caller.tenant.clone(), order }, now)),
        }
    }

    async fn commit_stay(
        &self,
        caller: &Caller,
        (known, after): (Option<&HotelReservation>, &HotelReservation),
        order: Save<StoredOrder>,
    ) -> Result<(), IntentsError> {
        let mut change = Change::of(caller.tenant.clone()).save(order);
        if known != Some(after) {
            let save = Save { before: known.cloned().map(Arc::new), after: Arc::new(after.clone()) };
            change = change.save(HotelWrite::Reservation(save));
        }
        Ok(self.store.commit(change).await.map(drop)?)
    }
}

/// The order as its stay has it stand: where a deposit is asked for, that decides whether it is confirmed, and nobody's
/// word.
fn standing(order: &Order, reservation: &HotelReservation) -> Order {
    let status = match reservation.status {
        ReservationStatus::Confirmed => OrderStatus::Confirmed,
        ReservationStatus::Cancelled => OrderStatus::Canceled,
        ReservationStatus::Pending if reservation.awaits_deposit() => OrderStatus::Pending,
        ReservationStatus::Pending => order.status,
    };
    Order { status, ..order.clone() }
}
