//! Reservations of hotels: their deposit is evaluated and asked for when they are told, and its payment confirms them.

use std::sync::Arc;

use tender_domain::hotels::{Booking, BookingChannel, HotelReservation, HotelWrite};
use tender_domain::intents::{Intent, IntentWrite, SaveOrder, StoredOrder};
use tender_domain::kernel::{Caller, Change, CommitError, IntentId, Save, Timestamp};
use tender_domain::payment_links::{LinkSending, PaymentLink};
use tender_domain::ports::{Order, OrderStatus};

use super::{IntentsError, Keyed, PayByPage, Presenter, Shown, WantedLink};
use crate::IntentsService;
use crate::order_messages::{GivenBack, order_changed};

const DECISIONS_MAX: u32 = 5;
const KIND: &str = "reservation";

/// How the deposit of a reservation is asked for.
pub(crate) struct AskDeposit<'a> {
    /// By a page: the payment of the deposit.
    pub(crate) page: &'a (dyn Fn(&HotelReservation) -> PayByPage + Send + Sync),
    /// By a link: the link of the deposit.
    pub(crate) link: &'a (dyn Fn(&HotelReservation) -> WantedLink + Send + Sync),
    pub(crate) present: Presenter,
    /// Where browsers reach this service.
    pub(crate) base: &'a str,
}

/// A reservation with the payment of its deposit.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) reservation: HotelReservation,
    pub(crate) payment: Option<Arc<Intent>>,
    pub(crate) is_new: bool,
}

impl IntentsService {
    /// Takes in what the booking system tells of a reservation: once by its id, and its deposit is asked for. Told again,
    /// what is asked is told again; a page that ended without payment is followed by another one.
    pub(crate) async fn take_reservation(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        booking: Booking,
        ask: AskDeposit<'_>,
    ) -> Result<Reserved, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let known = self.storefront.hotels.reservation(&caller.tenant, id).await?;
            let (before, reservation) = match known {
                Some(known) if known.booking != booking => return Err(IntentsError::OtherReservation),
                Some(known) if self.is_asked(caller, &known).await? => {
                    return self.reserved(caller, known, false).await;
                }
                Some(known) => (Some(known.clone()), known),
                None => (None, self.new_reservation(caller, id, booking.clone()).await?),
            };
            let is_new = before.is_none();
            let order = match &before {
                None => self.new_order(&reservation, self.clock.now()).await?.map(Save::<StoredOrder>::new),
                Some(_) => None,
            };
            match self.ask_deposit(caller, (before, reservation, order), &ask).await {
                Ok(()) => {
                    let saved = self.storefront.hotels.reservation(&caller.tenant, id).await?;
                    return self
                        .reserved(caller, saved.ok_or(IntentsError::NoSuchReservation)?, is_new)
                        .await;
                }
                // Told twice at once, or put as an order meanwhile: the other's is there now.
                Err(IntentsError::Commit(CommitError::Conflict | CommitError::Refused { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// A reservation, with the payment of its deposit.
    pub(crate) async fn read_reservation(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
    ) -> Result<Reserved, IntentsError> {
        let found = self.storefront.hotels.reservation(&caller.tenant, id).await?;
        self.reserved(caller, found.ok_or(IntentsError::NoSuchReservation)?, false).await
    }

    /// Another booking under the same reservation. While its deposit is not paid what was asked for is taken back, and
    /// what is now due is asked for.
    pub(crate) async fn modify_reservation(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        booking: Booking,
        ask: AskDeposit<'_>,
    ) -> Result<Reserved, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let found = self.storefront.hotels.reservation(&caller.tenant, id).await?;
            let before = found.ok_or(IntentsError::NoSuchReservation)?;
            let deposit = self.evaluate_deposit(caller, &booking.hotel_id, booking.stay()).await?;
            let now = self.clock.now();
            let after =
                before.modify(booking.clone(), deposit, now).ok_or(IntentsError::ReservationCancelled)?;
            let asked_otherwise = before.is_asked_otherwise(&after);
            let done = if asked_otherwise && after.awaits_deposit() {
                self.ask_deposit(caller, (Some(before.clone()), after, None), &ask).await
            } else {
                let save = HotelWrite::Reservation(Save::changed(before.clone(), after));
                let commit = self.store.commit(Change::of(caller.tenant.clone()).save(save)).await;
                commit.map(drop).map_err(IntentsError::from)
            };
            match done {
                Ok(()) => {
                    if asked_otherwise {
                        self.take_back(caller, &before, ask.present).await?;
                    }
                    return self.read_reservation(caller, id).await;
                }
                Err(IntentsError::Commit(CommitError::Conflict)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Gives a reservation up: what was asked for is taken back, and what the policy gives back of what was paid is told
    /// to refunds with the same commit.
    pub(crate) async fn cancel_reservation(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        present: Presenter,
    ) -> Result<Reserved, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let found = self.storefront.hotels.reservation(&caller.tenant, id).await?;
            let before = found.ok_or(IntentsError::NoSuchReservation)?;
            let now = self.clock.now();
            let Some(after) = before.cancel(now) else {
                self.take_back(caller, &before, present).await?;
                return self.reserved(caller, before, false).await;
            };
            let told = order_changed(&*self.ids, &after, GivenBack::Cancellation(after.refunded()));
            let change = Change::of(caller.tenant.clone())
                .save(HotelWrite::Reservation(Save::changed(before.clone(), after.clone())))
                .tell([told]);
            match self.store.commit(change).await {
                Ok(_) => {
                    self.take_back(caller, &before, present).await?;
                    return self.reserved(caller, after, false).await;
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    pub(super) async fn new_reservation(
        &self,
        caller: &Caller,
        id: &str,
        booking: Booking,
    ) -> Result<HotelReservation, IntentsError> {
        let deposit = self.evaluate_deposit(caller, &booking.hotel_id, booking.stay()).await?;
        let named = (caller.tenant.clone(), id.to_owned());
        Ok(HotelReservation::create(named, booking, deposit, self.clock.now()))
    }

    /// Whether nothing is to be asked for any more, or what is asked can still be paid.
    pub(super) async fn is_asked(
        &self,
        caller: &Caller,
        known: &HotelReservation,
    ) -> Result<bool, IntentsError> {
        if !known.awaits_deposit() || known.link.is_some() {
            return Ok(true);
        }
        let Some(payment) = known.payment else { return Ok(false) };
        let payment = self.store.intent(&caller.tenant, payment).await?;
        Ok(payment.is_some_and(|payment| !payment.status.is_final()))
    }

    async fn reserved(
        self: &Arc<Self>,
        caller: &Caller,
        reservation: HotelReservation,
        is_new: bool,
    ) -> Result<Reserved, IntentsError> {
        let payment = match reservation.payment {
            Some(id) => Some(self.newest_intent(&caller.tenant, id).await?),
            None => None,
        };
        Ok(Reserved { reservation, payment, is_new })
    }

    /// Saves a reservation, with what is saved of its order, and what asks for its deposit: a page for who books online, a
    /// link for others.
    pub(super) async fn ask_deposit(
        self: &Arc<Self>,
        caller: &Caller,
        (before, reservation, order): (Option<HotelReservation>, HotelReservation, Option<Save<StoredOrder>>),
        ask: &AskDeposit<'_>,
    ) -> Result<(), IntentsError> {
        let now = self.clock.now();
        let before = before.map(Arc::new);
        let save = move |after: HotelReservation| Save { before: before.clone(), after: Arc::new(after) };
        let online = reservation.booking.channel == BookingChannel::GuestBooking;
        if reservation.awaits_deposit() && online {
            let mut pay = (ask.page)(&reservation);
            pay.also(move |id: IntentId| {
                let after = reservation.asked_by(Some(id), None, now);
                let mut writes: Vec<IntentWrite> = vec![HotelWrite::Reservation(save(after)).into()];
                writes.extend(order.clone().map(IntentWrite::from));
                writes
            });
            let keyed = Keyed::new(None, ask.present, Shown::Intent { created: true });
            return self.pay_by_page(caller, pay, keyed).await.map(drop);
        }
        let mut change = Change::of(caller.tenant.clone());
        let after = if reservation.awaits_deposit() {
            let link = self.new_link(caller, (ask.link)(&reservation), now).await?;
            let id = link.id;
            for (sending, told) in self.sendings_to_guest(&link, ask.base, now) {
                change = change.tell([told]).save(Save::<LinkSending>::new(sending));
            }
            change = change.save(Save::<PaymentLink>::new(link));
            reservation.asked_by(None, Some(id), now)
        } else {
            reservation
        };
        change = change.save(HotelWrite::Reservation(save(after)));
        if let Some(order) = order {
            change = change.save(order);
        }
        Ok(self.store.commit(change).await.map(drop)?)
    }

    /// The reservation as an order of the built-in directory, unless it is there.
    async fn new_order(
        &self,
        reservation: &HotelReservation,
        now: Timestamp,
    ) -> Result<Option<StoredOrder>, IntentsError> {
        if self.store.order(&reservation.tenant, &reservation.id).await?.is_some() {
            return Ok(None);
        }
        let order = Order {
            reference: reservation.id.clone(),
            kind: KIND.to_owned(),
            // A guest has no id of its own: it is known by its reservation.
            customer_id: reservation.id.clone(),
            amount: reservation.booking.total,
            status: OrderStatus::Pending,
            starts_at: reservation.booking.arrival.and_hms_opt(0, 0, 0).map(|at| at.and_utc()),
            product_type: None,
            rate_plan: reservation.booking.rate_plan.clone(),
            reservation: None,
            details: serde_json::Map::new(),
        };
        Ok(Some(StoredOrder::create(SaveOrder { tenant: reservation.tenant.clone(), order }, now)))
    }

    /// Takes back what a reservation's deposit was asked by. What money may be moving by is left: it is told when it
    /// moved.
    pub(super) async fn take_back(
        self: &Arc<Self>,
        caller: &Caller,
        asked: &HotelReservation,
        present: Presenter,
    ) -> Result<(), IntentsError> {
        if let Some(link) = asked.link {
            match self.cancel_link(caller, link, None, |_| tender_http::keep(200, &())).await {
                Ok(_) | Err(IntentsError::Link(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(payment) = asked.payment {
            let keyed = Keyed::new(None, present, Shown::Intent { created: false });
            let reason = "the reservation changed or was given up";
            match self.cancel_intent(caller, payment, reason, keyed).await {
                Ok(_) | Err(IntentsError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
