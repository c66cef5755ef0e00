//! A payment as the hotels document's client sees it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use tender_domain::hotels::{HotelNotification, HotelPayment, PaymentEnd};
use tender_domain::intents::Intent;
use tender_domain::kernel::Answer;
use tender_domain::notices::{NoticeReader, RefundNotice};
use tender_domain::payment_links::Guest;
use tender_domain::ports::NoticeChannel;
use tender_events::exact_amount;
use tender_http::keep;
use tender_http::storefront::adventures::Refused;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::IntentsError;
use crate::hotel_messages::error_message;
use crate::use_cases::Presenter;

/// How the dialect shows outcomes.
pub(crate) const PRESENTER: Presenter = Presenter {
    intent: initiated,
    capture: |intent, _| initiated(intent, false),
    refusal: refused,
    error: |_| None,
};

/// Where a payment stands, in the document's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = HotelPaymentStatus)]
pub(super) enum Status {
    /// The guest may pay, or what came of it is not known yet.
    Initiated,
    /// Paid.
    Completed,
    /// Not paid.
    Failed,
    /// The guest went back without paying, or it was given up.
    Cancelled,
}

impl Status {
    pub(super) fn of(intent: &Intent) -> Self {
        match PaymentEnd::of(intent) {
            Some(PaymentEnd::Completed) => Self::Completed,
            Some(PaymentEnd::Cancelled) => Self::Cancelled,
            Some(PaymentEnd::Failed) => Self::Failed,
            None => Self::Initiated,
        }
    }
}

/// A payment that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelPaymentInitiation)]
pub(super) struct InitiationBody {
    /// The intent's UUID.
    payment_id: Uuid,
    /// Where it stands.
    status: Status,
    /// Where the guest's browser goes to pay; `null` while the gateway's answer is not known, and once it is over.
    redirect_url: Option<String>,
    /// From when on it can no longer be paid there.
    expires_at: Option<DateTime<Utc>>,
    /// Why it failed; only of a payment that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

impl InitiationBody {
    pub(super) fn of(intent: &Intent) -> Self {
        let session = intent.attempts.iter().rev().find_map(|attempt| attempt.session.as_ref());
        Self {
            payment_id: intent.id.uuid(),
            status: Status::of(intent),
            redirect_url: open_page(intent),
            expires_at: session.map(|session| session.expires_at),
            error_message: error_message(intent),
        }
    }
}

/// Where the guest can pay now.
pub(crate) fn open_page(intent: &Intent) -> Option<String> {
    intent.open_session()?.challenge.as_ref().map(|challenge| challenge.url.clone())
}

/// 201 begun, 202 while the gateway's answer is not known.
fn initiated(intent: &Intent, _: bool) -> Answer {
    let body = InitiationBody::of(intent);
    let known = body.status != Status::Initiated || body.redirect_url.is_some();
    keep(if known { 201 } else { 202 }, &body)
}

fn refused(refusal: &tender_domain::intents::Refusal) -> Option<Answer> {
    Some(Refused::from(IntentsError::from(refusal.clone())).to_answer())
}

/// Who pays.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelGuest)]
pub(super) struct GuestShown {
    /// Their name.
    name: Option<String>,
    /// Where e-mail reaches them.
    email: Option<String>,
    /// Where a text message reaches them.
    phone: Option<String>,
    /// In which language.
    locale: Option<String>,
}

impl From<&Guest> for GuestShown {
    fn from(guest: &Guest) -> Self {
        let Guest { name, email, phone, locale } = guest.clone();
        Self { name, email, phone, locale }
    }
}

/// Somebody who is told of the end of a payment, or of a refund of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelNotificationSent)]
struct NotificationBody {
    /// Its id, `ntf_…`: a call carries it as `webhook-id`.
    #[schema(example = "ntf_01h2xcejqtf2nbrexx3vqjhp41")]
    notification_id: String,
    /// How the payment ended, when that is told: `COMPLETED`, `FAILED` or `CANCELLED`.
    #[schema(value_type = Option<String>, example = "COMPLETED")]
    payment_status: Option<&'static str>,
    /// The refund that is told.
    refund_id: Option<Uuid>,
    /// Whom it is for: `HOTEL`, or a program of its; of a refund also `GUEST`, or `AGENT`, who asked for it.
    #[schema(value_type = String, example = "HOTEL")]
    reader: &'static str,
    /// `URL`: a signed call; `EMAIL`; or `SMS`.
    #[schema(value_type = String, example = "URL")]
    send_by: &'static str,
    /// To whom.
    address: String,
    /// `requested`: it is tried until it is taken; `sent`; or `failed`: it was refused, or given up after three days.
    #[schema(value_type = String, example = "sent")]
    status: &'static str,
    /// How often it was tried in vain.
    failures: u32,
    /// When it is tried next.
    next_try_at: Option<DateTime<Utc>>,
    /// Why the last try was in vain.
    problem: Option<String>,
    /// When that last changed.
    updated_at: DateTime<Utc>,
}

impl From<&HotelNotification> for NotificationBody {
    fn from(told: &HotelNotification) -> Self {
        Self {
            notification_id: told.told.id.to_string(),
            payment_status: Some(told.end.as_str()),
            refund_id: None,
            reader: "HOTEL",
            send_by: told.told.way.as_str(),
            address: told.told.address.clone(),
            status: told.dispatch.status.as_str(),
            failures: told.dispatch.failures,
            next_try_at: told.dispatch.due_at,
            problem: told.dispatch.problem.clone(),
            updated_at: told.updated_at,
        }
    }
}

impl From<&RefundNotice> for NotificationBody {
    fn from(notice: &RefundNotice) -> Self {
        Self {
            notification_id: notice.told.id.to_string(),
            payment_status: None,
            refund_id: Some(notice.refund_id.uuid()),
            reader: match notice.told.reader {
                NoticeReader::Payer => "GUEST",
                NoticeReader::Hotel => "HOTEL",
                NoticeReader::Agent => "AGENT",
            },
            send_by: match notice.told.channel {
                NoticeChannel::Email => "EMAIL",
                NoticeChannel::Sms => "SMS",
            },
            address: notice.told.address.clone(),
            status: notice.dispatch.status.as_str(),
            failures: notice.dispatch.failures,
            next_try_at: notice.dispatch.due_at,
            problem: notice.dispatch.problem.clone(),
            updated_at: notice.updated_at,
        }
    }
}

/// A payment with what is kept of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelPayment)]
pub(super) struct RecordBody {
    #[serde(flatten)]
    initiation: InitiationBody,
    /// The reservation.
    reservation_id: Option<String>,
    /// The hotel.
    hotel_id: String,
    /// By what the booking system names the booking.
    booking_reference: Option<String>,
    /// `GUEST_BOOKING`, `PAYMENT_LINK` or `AGENT`.
    #[schema(value_type = String, example = "GUEST_BOOKING")]
    channel: &'static str,
    /// Who pays.
    guest: GuestShown,
    /// In major units, with exactly the currency's places.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// What was given back of it, in major units.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount_refunded: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// The gateway's connector.
    gateway: Option<String>,
    /// What the gateway calls it, once it has approved it.
    gateway_ref: Option<String>,
    /// Where the guest's browser goes once it is paid.
    success_url: Option<String>,
    /// Where it goes when it is not.
    failure_url: Option<String>,
    /// Who is called when it has ended; `null`: whom the hotel's settings name.
    notification_url: Option<String>,
    /// Who was told of its end, and then of its refunds, and how far that came.
    notifications: Vec<NotificationBody>,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl RecordBody {
    pub(super) fn of(
        intent: &Intent,
        kept: &HotelPayment,
        (told, of_refunds): (&[HotelNotification], &[RefundNotice]),
    ) -> Self {
        let attempt = intent.attempts.last();
        Self {
            initiation: InitiationBody::of(intent),
            reservation_id: intent.order_ref.clone(),
            hotel_id: kept.hotel_id.clone(),
            booking_reference: kept.booking_reference.clone(),
            channel: kept.channel.as_str(),
            guest: GuestShown::from(&kept.guest),
            amount: intent.amount.to_decimal(),
            amount_refunded: intent.amount_refunded.to_decimal(),
            currency: intent.amount.currency().code(),
            gateway: attempt.map(|attempt| attempt.connector.clone()),
            gateway_ref: attempt
                .and_then(|attempt| attempt.authorization.as_ref())
                .map(|authorization| authorization.gateway_reference.clone()),
            success_url: kept.success_url.clone(),
            failure_url: kept.failure_url.clone(),
            notification_url: kept.notification_url.clone(),
            notifications: told
                .iter()
                .map(NotificationBody::from)
                .chain(of_refunds.iter().map(NotificationBody::from))
                .collect(),
            created_at: intent.created_at,
            updated_at: intent.updated_at,
        }
    }
}
