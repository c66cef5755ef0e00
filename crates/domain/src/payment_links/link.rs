//! The aggregate.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::hotels::{BookingChannel, HotelPayment};
use crate::kernel::{IntentId, Money, PaymentLinkId, TenantId, Timestamp, Version, words};

use super::LinkRefusal;

const LIFETIME_MAX: TimeDelta = TimeDelta::days(366);

words! {
    /// How often a link can be paid.
    LinkUsage {
        /// Once.
        Single = "single",
        /// By as many as come.
        Multiple = "multiple",
    }
}

words! {
    /// Where a link stands, as it is kept. That it has expired is told by the time.
    LinkStatus {
        /// It can be paid until it expires.
        Active = "active",
        /// Its one payment was made. Final.
        Completed = "completed",
        /// It was taken back. Final.
        Canceled = "canceled",
    }
}

words! {
    /// Where a link stands at an instant.
    LinkState {
        /// It can be paid.
        Active = "active",
        /// Its one payment was made.
        Completed = "completed",
        /// It was taken back.
        Canceled = "canceled",
        /// Its time is over.
        Expired = "expired",
    }
}

/// A line of what is paid for, as the page shows it (`Room`, `Double, sea view`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
}

/// Who is to pay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guest {
    /// Their name.
    pub name: Option<String>,
    /// Where e-mail reaches them.
    pub email: Option<String>,
    /// Where a text message reaches them.
    pub phone: Option<String>,
    /// In which language (`de`).
    pub locale: Option<String>,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct NewPaymentLink {
    /// Its id.
    pub id: PaymentLinkId,
    /// Whose.
    pub tenant: TenantId,
    /// Whether it is about live money.
    pub livemode: bool,
    /// What is to be paid.
    pub amount: Money,
    /// Of whom.
    pub customer_id: Option<String>,
    /// For which merchant account.
    pub merchant_account_id: String,
    /// What it is for.
    pub description: Option<String>,
    /// The order behind it.
    pub order_ref: Option<String>,
    /// The hotel whose stay it is for: of the hotels dialect only.
    pub hotel_id: Option<String>,
    /// What the page shows.
    pub details: Vec<Detail>,
    /// Who is to pay.
    pub guest: Guest,
    /// How often.
    pub usage: LinkUsage,
    /// Until when.
    pub expires_at: Timestamp,
    /// The SHA-256 of its token.
    pub token_hash: [u8; 32],
}

/// A payment link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLink {
    /// Its id.
    pub id: PaymentLinkId,
    /// Whose.
    pub tenant: TenantId,
    /// How often it was committed.
    pub version: Version,
    /// Whether it is about live money.
    pub livemode: bool,
    /// What is to be paid.
    pub amount: Money,
    /// Of whom.
    pub customer_id: Option<String>,
    /// For which merchant account.
    pub merchant_account_id: String,
    /// What it is for.
    pub description: Option<String>,
    /// The order behind it.
    pub order_ref: Option<String>,
    /// The hotel whose stay it is for: of the hotels dialect only.
    pub hotel_id: Option<String>,
    /// What the page shows.
    pub details: Vec<Detail>,
    /// Who is to pay.
    pub guest: Guest,
    /// How often.
    pub usage: LinkUsage,
    /// Where it stands, but for its time.
    pub status: LinkStatus,
    /// Until when.
    pub expires_at: Timestamp,
    /// The SHA-256 of its token.
    pub token_hash: [u8; 32],
    /// The intent that pays a link for one payment.
    pub intent: Option<IntentId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl PaymentLink {
    /// The most details that a page shows.
    pub const DETAILS_MAX: usize = 20;

    /// A new link.
    ///
    /// # Errors
    /// When its end is not within a year from now, or it has too many details.
    pub fn create(new: NewPaymentLink, now: Timestamp) -> Result<Self, LinkRefusal> {
        if new.expires_at <= now || new.expires_at > now + LIFETIME_MAX {
            return Err(LinkRefusal::BadEnd);
        }
        if new.details.len() > Self::DETAILS_MAX {
            return Err(LinkRefusal::TooManyDetails);
        }
        Ok(Self {
            id: new.id,
            tenant: new.tenant,
            version: Version::FIRST,
            livemode: new.livemode,
            amount: new.amount,
            customer_id: new.customer_id,
            merchant_account_id: new.merchant_account_id,
            description: new.description,
            order_ref: new.order_ref,
            hotel_id: new.hotel_id,
            details: new.details,
            guest: new.guest,
            usage: new.usage,
            status: LinkStatus::Active,
            expires_at: new.expires_at,
            token_hash: new.token_hash,
            intent: None,
            created_at: now,
            updated_at: now,
        })
    }

    /// Where it stands now.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> LinkState {
        match self.status {
            LinkStatus::Completed => LinkState::Completed,
            LinkStatus::Canceled => LinkState::Canceled,
            LinkStatus::Active if self.expires_at <= now => LinkState::Expired,
            LinkStatus::Active => LinkState::Active,
        }
    }

    /// Begins its payment by an intent that is created with the same commit. A link for one payment points at it from
    /// now on; one for many does not change.
    ///
    /// # Errors
    /// When it cannot be paid now, or points at an intent already.
    pub fn begin_payment(&self, intent: IntentId, now: Timestamp) -> Result<Option<Self>, LinkRefusal> {
        self.open(now)?;
        match self.usage {
            LinkUsage::Multiple => Ok(None),
            LinkUsage::Single if self.intent.is_some() => Err(LinkRefusal::BeingPaid),
            LinkUsage::Single => Ok(Some(Self { intent: Some(intent), ..self.next(now) })),
        }
    }

    /// What a hotel wants kept of a payment by this link; none of what is no hotel's.
    #[must_use]
    pub fn hotel_payment(&self, intent: IntentId) -> Option<HotelPayment> {
        Some(HotelPayment {
            tenant: self.tenant.clone(),
            intent_id: intent,
            hotel_id: self.hotel_id.clone()?,
            channel: BookingChannel::PaymentLink,
            booking_reference: None,
            guest: self.guest.clone(),
            success_url: None,
            failure_url: None,
            notification_url: None,
        })
    }

    /// Records that its one payment was made: a fact, also after it expired or was taken back. None when there is
    /// nothing to record.
    #[must_use]
    pub fn record_paid(&self, intent: IntentId, now: Timestamp) -> Option<Self> {
        let is_its_own = self.usage == LinkUsage::Single && self.intent == Some(intent);
        let is_new = self.status != LinkStatus::Completed;
        (is_its_own && is_new).then(|| Self { status: LinkStatus::Completed, ..self.next(now) })
    }

    /// Takes it back. `is_being_paid` says whether money may move by the intent that it points at.
    ///
    /// # Errors
    /// When it is completed, or being paid. One that was taken back already is as it is.
    pub fn cancel(&self, is_being_paid: bool, now: Timestamp) -> Result<Self, LinkRefusal> {
        match self.status {
            LinkStatus::Completed => Err(LinkRefusal::NotOpen(LinkState::Completed)),
            LinkStatus::Canceled => Ok(self.clone()),
            LinkStatus::Active if is_being_paid => Err(LinkRefusal::BeingPaid),
            LinkStatus::Active => Ok(Self { status: LinkStatus::Canceled, ..self.next(now) }),
        }
    }

    /// With another end.
    ///
    /// # Errors
    /// When it is completed or was taken back, or the end cannot be.
    pub fn prolong(&self, expires_at: Timestamp, now: Timestamp) -> Result<Self, LinkRefusal> {
        if self.status != LinkStatus::Active {
            return Err(LinkRefusal::NotOpen(self.state(now)));
        }
        if expires_at <= now || expires_at > now + LIFETIME_MAX {
            return Err(LinkRefusal::BadEnd);
        }
        Ok(Self { expires_at, ..self.next(now) })
    }

    pub(super) fn open(&self, now: Timestamp) -> Result<(), LinkRefusal> {
        match self.state(now) {
            LinkState::Active => Ok(()),
            other => Err(LinkRefusal::NotOpen(other)),
        }
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}
