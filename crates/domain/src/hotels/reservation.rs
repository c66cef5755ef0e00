//! The aggregate: a reservation that the booking system told of, with what is to be paid in advance for it.

use chrono::NaiveDate;

use crate::deposits::{EvaluatedDeposit, PolicyType, Stay};
use crate::kernel::{IntentId, Money, PaymentLinkId, TenantId, Timestamp, Version, words};
use crate::payment_links::Guest;

use super::BookingChannel;

words! {
    /// Where a reservation stands.
    ReservationStatus {
        /// Its deposit is not paid, or was taken back by the gateway that had it.
        Pending = "PENDING",
        /// Its deposit is paid.
        Confirmed = "CONFIRMED",
        /// It was given up. Final.
        Cancelled = "CANCELLED",
    }
}

/// What is booked, as the booking system tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Of which hotel, as the tenant calls it.
    pub hotel_id: String,
    /// At which rate plan, if it is known.
    pub rate_plan: Option<String>,
    /// Who comes.
    pub guest: Guest,
    /// What all of it costs.
    pub total: Money,
    /// The first night.
    pub arrival: NaiveDate,
    /// The day after the last one.
    pub departure: NaiveDate,
    /// By which channel it came.
    pub channel: BookingChannel,
}

impl Booking {
    /// How many nights it is.
    #[must_use]
    pub fn nights(&self) -> Option<u32> {
        u32::try_from((self.departure - self.arrival).num_days()).ok()
    }

    /// What a deposit policy looks at.
    #[must_use]
    pub fn stay(&self) -> Stay<'_> {
        Stay { rate_plan: self.rate_plan.as_deref(), total: self.total, nights: self.nights() }
    }
}

/// A reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotelReservation {
    /// Whose.
    pub tenant: TenantId,
    /// By what the booking system names it.
    pub id: String,
    /// How often it was committed.
    pub version: Version,
    /// What is booked.
    pub booking: Booking,
    /// Where it stands.
    pub status: ReservationStatus,
    /// What is to be paid in advance, as the hotel's policies had it when it was told.
    pub deposit: EvaluatedDeposit,
    /// The payment of the deposit that was begun last.
    pub payment: Option<IntentId>,
    /// The link by which the deposit is paid.
    pub link: Option<PaymentLinkId>,
    /// The payments that took money for it, oldest first.
    pub paid: Vec<IntentId>,
    /// When it was told first.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl HotelReservation {
    /// A reservation that is new.
    #[must_use]
    pub fn create(
        (tenant, id): (TenantId, String),
        booking: Booking,
        deposit: EvaluatedDeposit,
        now: Timestamp,
    ) -> Self {
        Self {
            tenant,
            id,
            version: Version::FIRST,
            booking,
            status: ReservationStatus::Pending,
            deposit,
            payment: None,
            link: None,
            paid: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether its deposit is still to be paid.
    #[must_use]
    pub fn awaits_deposit(&self) -> bool {
        self.status == ReservationStatus::Pending && !self.deposit.amount.is_zero()
    }

    /// With its deposit asked for by a payment or a link.
    #[must_use]
    pub fn asked_by(&self, payment: Option<IntentId>, link: Option<PaymentLinkId>, now: Timestamp) -> Self {
        Self { payment, link, ..self.next(now) }
    }

    /// Records that a payment took money for it: a fact, also after it was given up, which that does not undo. It is
    /// confirmed by one that covers the deposit. None when it is recorded already.
    #[must_use]
    pub fn record_paid(&self, payment: IntentId, taken: Money, now: Timestamp) -> Option<Self> {
        if self.paid.contains(&payment) {
            return None;
        }
        let mut next = self.next(now);
        next.paid.push(payment);
        if self.awaits_deposit() && self.is_covered_by(taken) {
            next.status = ReservationStatus::Confirmed;
        }
        Some(next)
    }

    /// Records that a gateway took back what a payment had taken for it: a fact, as the payment was. `left` is what the
    /// payment still holds, `others` what each other payment for it does. What none of them covers any more is no
    /// longer confirmed: its deposit waits to be paid, and is asked for anew. None when that changes nothing.
    #[must_use]
    pub fn record_taken_back(
        &self,
        payment: IntentId,
        left: Money,
        others: &[Money],
        now: Timestamp,
    ) -> Option<Self> {
        if !self.paid.contains(&payment) {
            return None;
        }
        let mut next = self.next(now);
        if left.is_zero() {
            next.paid.retain(|paid| *paid != payment);
        }
        let covered = others.iter().chain([&left]).any(|taken| self.is_covered_by(*taken));
        if self.status == ReservationStatus::Confirmed && !covered {
            next.status = ReservationStatus::Pending;
            // Whoever tells of it again gets another page or link: those were paid, and are over.
            next.payment = None;
            next.link = None;
        }
        (next.status != self.status || next.paid != self.paid).then_some(next)
    }

    fn is_covered_by(&self, taken: Money) -> bool {
        let deposit = self.deposit.amount;
        taken.currency() == deposit.currency() && taken.minor() >= deposit.minor()
    }

    /// The payments of which all that is left is given back because it was given up: none of what is not refundable.
    #[must_use]
    pub fn refunded(&self) -> &[IntentId] {
        let gives_back = self.status == ReservationStatus::Cancelled
            && self.deposit.policy_type != PolicyType::NonRefundable;
        if gives_back { &self.paid } else { &[] }
    }

    /// Gives it up. None when it was given up before.
    #[must_use]
    pub fn cancel(&self, now: Timestamp) -> Option<Self> {
        (self.status != ReservationStatus::Cancelled)
            .then(|| Self { status: ReservationStatus::Cancelled, ..self.next(now) })
    }

    /// With another booking: while its deposit is not paid it is what the policies now ask, and another deposit is not
    /// asked for yet; afterwards it stays as it was paid. None when it was given up.
    #[must_use]
    pub fn modify(&self, booking: Booking, deposit: EvaluatedDeposit, now: Timestamp) -> Option<Self> {
        match self.status {
            ReservationStatus::Cancelled => None,
            ReservationStatus::Confirmed => Some(Self { booking, ..self.next(now) }),
            ReservationStatus::Pending => {
                let mut next = Self { booking, deposit, ..self.next(now) };
                if self.is_asked_otherwise(&next) {
                    (next.payment, next.link) = (None, None);
                }
                Some(next)
            }
        }
    }

    /// Whether what its deposit was asked for by is not what `after` asks any more.
    #[must_use]
    pub fn is_asked_otherwise(&self, after: &Self) -> bool {
        self.awaits_deposit() && self.deposit.amount != after.deposit.amount
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}
