//! Pays for a reservation of the order directory: as often as the client has keys, in parts or whole.

use std::sync::Arc;

use tender_domain::fraud::RiskSignals;
use tender_domain::intents::{CaptureMode, Channel, Instrument, Intent, MethodSummary, PaymentOptions};
use tender_domain::kernel::{Answer, Caller, IntentId, KeyRecord, Metadata, MethodId, Money};
use tender_domain::ports::{Order, OrderStatus};
use tender_http::RequestKey;
use uuid::Uuid;

use super::{CreateIntent, IntentsError, Keyed, Presenter, Shown, Storefront};
use crate::IntentsService;

const CHANNEL: Channel = Channel::Adventures;
const MERCHANT_ACCOUNT: &str = "ma_default";

/// What a guest asks for.
#[derive(Debug, Clone)]
pub(crate) struct PayReservation {
    pub(crate) reservation: Uuid,
    pub(crate) guest: Uuid,
    pub(crate) amount: Money,
    pub(crate) method: MethodId,
    /// What is seen of the payer, where the payer calls.
    pub(crate) signals: RiskSignals,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Paid {
    /// A payment, made just now: the answer that shows it.
    Now(Answer),
    /// The payment that was made under the same key before, with its newest outcome.
    Before(Arc<Intent>),
}

/// Why a reservation is not paid for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PayReservationError {
    /// There is no such reservation of this guest.
    #[error("the guest has no such reservation")]
    NoSuchReservation,
    /// The caller is another guest.
    #[error("a guest pays for their own reservations only")]
    AnotherGuest,
    /// The reservation cannot be paid for.
    #[error("{0}")]
    Reservation(String),
    /// The payment itself.
    #[error(transparent)]
    Intents(#[from] IntentsError),
}

impl IntentsService {
    /// Pays for a reservation, once for each key.
    pub(crate) async fn pay_reservation(
        self: &Arc<Self>,
        caller: &Caller,
        pay: PayReservation,
        key: RequestKey,
        present: Presenter,
    ) -> Result<Paid, PayReservationError> {
        // A retry gets its payment, whatever became of reservation and method since.
        if let Some(record) = self.store.key(&caller.tenant, &key.scope).await.map_err(IntentsError::from)? {
            return Ok(self.paid_before(caller, record, &key).await?);
        }
        if caller.only_customer().is_some_and(|own| own != pay.guest.to_string()) {
            return Err(PayReservationError::AnotherGuest);
        }
        let order = self.orders.find(&caller.tenant, &pay.reservation.to_string()).await;
        check(&pay, order.map_err(IntentsError::from)?)?;
        let keyed = Keyed::new(Some(key.clone()), present, Shown::Intent { created: true });
        match self.create_intent(caller, wanted(&pay, &key), keyed).await {
            Ok(answered) if !answered.replayed => Ok(Paid::Now(answered.answer)),
            // Another call with the same key was faster: its payment is the one.
            Ok(_) | Err(IntentsError::InFlight | IntentsError::OtherRequest) => {
                let record = self.store.key(&caller.tenant, &key.scope).await.map_err(IntentsError::from)?;
                Ok(self.paid_before(caller, record.ok_or(IntentsError::InFlight)?, &key).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn paid_before(
        self: &Arc<Self>,
        caller: &Caller,
        record: KeyRecord,
        key: &RequestKey,
    ) -> Result<Paid, IntentsError> {
        if record.fingerprint != key.fingerprint {
            return Err(IntentsError::OtherRequest);
        }
        let id: IntentId =
            record.resource.parse().map_err(|_| IntentsError::BadKeyRecord(record.resource.clone()))?;
        Ok(Paid::Before(self.get_intent(caller, id).await?))
    }
}

fn check(pay: &PayReservation, order: Option<Order>) -> Result<(), PayReservationError> {
    let own = order.filter(|order| order.customer_id == pay.guest.to_string());
    let reservation = own.ok_or(PayReservationError::NoSuchReservation)?;
    if reservation.status == OrderStatus::Canceled {
        return Err(PayReservationError::Reservation("the reservation is canceled".to_owned()));
    }
    if reservation.amount.currency() != pay.amount.currency() {
        let wanted = format!("the reservation is paid for in {}", reservation.amount.currency());
        return Err(PayReservationError::Reservation(wanted));
    }
    Ok(())
}

fn wanted(pay: &PayReservation, key: &RequestKey) -> CreateIntent {
    CreateIntent {
        amount: pay.amount,
        customer_id: Some(pay.guest.to_string()),
        merchant_account_id: MERCHANT_ACCOUNT.to_owned(),
        instrument: Some(Instrument::Saved(pay.method)),
        method: MethodSummary::default(),
        capture_mode: CaptureMode::Auto,
        capture_delay_seconds: None,
        description: None,
        statement_descriptor: None,
        order_ref: Some(pay.reservation.to_string()),
        reservation_ref: Some(pay.reservation.to_string()),
        metadata: Metadata::default(),
        expires_at: None,
        // A challenge cannot be expressed by the dialect: it is a decline, `authentication_required`.
        off_session: true,
        options: PaymentOptions::default(),
        signals: pay.signals.clone(),
        channel: CHANNEL,
        confirm: true,
        // Each payment of the document is one attempt; a new key is a new payment.
        max_attempts: Some(1),
        claims_order: false,
        link: None,
        storefront: Some(Storefront { client_key: Some(key.scope.key.to_string()), ..Storefront::default() }),
    }
}
