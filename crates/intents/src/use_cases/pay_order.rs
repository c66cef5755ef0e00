//! Pays an order of the order directory: one live payment per order.

use std::sync::Arc;

use tender_domain::intents::{CaptureMode, Channel, Instrument, Intent, MethodSummary};
use tender_domain::kernel::{Caller, CommitError, Guard, IntentId, Metadata, Money};
use tender_domain::ports::{Order, OrderStatus};

use super::cancel_intent::{LIVE_PAYMENT, live_payment_key};
use super::{Answered, CreateIntent, IntentsError, Keyed, Presenter, Shown};
use crate::IntentsService;

const CHANNEL: Channel = Channel::Tickets;
const MERCHANT_ACCOUNT: &str = "ma_default";

/// What a customer asks for.
#[derive(Debug, Clone)]
pub(crate) struct PayOrder {
    pub(crate) order_ref: String,
    pub(crate) customer_id: String,
    pub(crate) reservation_ref: Option<String>,
    pub(crate) amount: Money,
    pub(crate) instrument: Instrument,
    pub(crate) method: MethodSummary,
}

/// Why an order is not paid.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PayOrderError {
    /// There is no such order.
    #[error("order not found")]
    NoSuchOrder,
    /// The order is another customer's.
    #[error("the customer does not own this order")]
    AnotherCustomer,
    /// The order cannot be paid like this.
    #[error("order: {0}")]
    Order(String),
    /// The reservation does not hold.
    #[error("reservation: {0}")]
    Reservation(String),
    /// The payment itself.
    #[error(transparent)]
    Intents(#[from] IntentsError),
}

impl IntentsService {
    /// Pays an order: its one payment again if it has one, else by a new one, which claims the order.
    pub(crate) async fn pay_order(
        self: &Arc<Self>,
        caller: &Caller,
        pay: PayOrder,
        present: Presenter,
    ) -> Result<Answered, PayOrderError> {
        if caller.only_customer().is_some_and(|customer| customer != pay.customer_id) {
            return Err(PayOrderError::AnotherCustomer);
        }
        let live = self.store.live_intent_of_order(&caller.tenant, CHANNEL, &pay.order_ref).await;
        if let Some(live) = live.map_err(IntentsError::from)? {
            return self.again(&pay, Arc::new(live), present).await;
        }
        let order = self.orders.find(&caller.tenant, &pay.order_ref).await.map_err(IntentsError::from)?;
        self.check_order(&pay, &order.ok_or(PayOrderError::NoSuchOrder)?)?;
        let keyed = Keyed::new(None, present, Shown::Intent { created: true });
        match self.create_intent(caller, self.wanted(&pay), keyed).await {
            // Another call for the order was faster: its payment is the one.
            Err(IntentsError::Commit(CommitError::ClaimTaken { owner, .. })) => {
                let bad = || IntentsError::BadKeyRecord(owner.clone());
                let id: IntentId = owner.parse().map_err(|_| bad())?;
                let live = self.store.intent(&caller.tenant, id).await.map_err(IntentsError::from)?;
                self.again(&pay, Arc::new(live.ok_or_else(bad)?), present).await
            }
            other => Ok(other?),
        }
    }

    /// The payment that the order has, with its newest outcome.
    async fn again(
        self: &Arc<Self>,
        pay: &PayOrder,
        live: Arc<Intent>,
        present: Presenter,
    ) -> Result<Answered, PayOrderError> {
        if live.customer_id.as_deref() != Some(&*pay.customer_id) {
            return Err(PayOrderError::AnotherCustomer);
        }
        let keyed = Keyed::new(None, present, Shown::Intent { created: false });
        let due = live.next_check_at().is_some_and(|due| due <= self.clock.now());
        let live = if due { self.resolve(live, &keyed).await? } else { live };
        Ok(keyed.answered(&live))
    }

    fn check_order(&self, pay: &PayOrder, order: &Order) -> Result<(), PayOrderError> {
        if order.customer_id != pay.customer_id {
            return Err(PayOrderError::AnotherCustomer);
        }
        match order.status {
            OrderStatus::Pending => {}
            OrderStatus::Canceled => return Err(PayOrderError::Order("the order is canceled".to_owned())),
            OrderStatus::Confirmed => {
                return Err(PayOrderError::Order("the order is paid already".to_owned()));
            }
        }
        if order.amount != pay.amount {
            return Err(PayOrderError::Order(format!(
                "the amount must be the order's total, {}",
                order.amount
            )));
        }
        let Some(named) = &pay.reservation_ref else { return Ok(()) };
        let reservation = order.reservation.as_ref().filter(|reservation| reservation.id == *named);
        let reservation = reservation
            .ok_or_else(|| PayOrderError::Reservation("the order has no such reservation".to_owned()))?;
        if reservation.holder != pay.customer_id {
            return Err(PayOrderError::Reservation(
                "the reservation does not belong to the customer".to_owned(),
            ));
        }
        if reservation.expires_at <= self.clock.now() {
            return Err(PayOrderError::Reservation("the reservation has expired".to_owned()));
        }
        Ok(())
    }

    fn wanted(&self, pay: &PayOrder) -> CreateIntent {
        CreateIntent {
            amount: pay.amount,
            customer_id: Some(pay.customer_id.clone()),
            merchant_account_id: MERCHANT_ACCOUNT.to_owned(),
            instrument: Some(pay.instrument.clone()),
            method: pay.method.clone(),
            capture_mode: CaptureMode::Auto,
            description: None,
            statement_descriptor: None,
            order_ref: Some(pay.order_ref.clone()),
            reservation_ref: pay.reservation_ref.clone(),
            metadata: Metadata::default(),
            expires_at: None,
            // A challenge cannot be expressed by the dialect: it is a decline, `authentication_required`.
            off_session: true,
            channel: CHANNEL,
            confirm: true,
            // Each payment of the document is one attempt; a new call for the order is a new payment.
            max_attempts: Some(1),
            claims_order: true,
            storefront: None,
        }
    }
}

/// The claim of a new intent on its order.
pub(super) fn claim_order(intent: &Intent) -> Option<Guard> {
    let order = intent.order_ref.as_ref()?;
    let (key, owner) = (live_payment_key(intent.channel, order), intent.id.to_string());
    Some(Guard::Claim { kind: LIVE_PAYMENT, key, owner })
}
