//! Pays an order of the order directory: one live payment per order.

use std::sync::Arc;

use tender_domain::fraud::RiskSignals;
use tender_domain::intents::{
    CaptureMode, Channel, Instrument, Intent, IntentStatus, MethodSummary, PaymentOptions,
};
use tender_domain::kernel::{Caller, CommitError, Guard, IntentId, Metadata, Money};
use tender_domain::ports::{Order, OrderStatus};
use tender_http::RequestKey;

use super::cancel_intent::{LIVE_PAYMENT, live_payment_key};
use super::{
    Answered, CreateIntent, IntentsError, Keyed, PayByPage, PayerPage, Presenter, Shown, Storefront,
};
use crate::IntentsService;

const MERCHANT_ACCOUNT: &str = "ma_default";

/// What a customer asks for.
#[derive(Debug, Clone)]
pub(crate) struct PayOrder {
    /// By which door.
    pub(crate) channel: Channel,
    pub(crate) order_ref: String,
    /// Who pays; whoever the order belongs to, when staff pays.
    pub(crate) customer_id: Option<String>,
    pub(crate) reservation_ref: Option<String>,
    pub(crate) amount: Money,
    pub(crate) with: PayWith,
    pub(crate) method: MethodSummary,
    pub(crate) description: Option<String>,
    /// Whether an order that is paid is answered with its payment; else it is refused.
    pub(crate) shows_paid: bool,
    /// What is seen of the payer, where the payer calls.
    pub(crate) signals: RiskSignals,
    /// What the storefront's document wants beside it.
    pub(crate) storefront: Option<Storefront>,
}

/// By what an order is paid.
#[derive(Debug, Clone)]
pub(crate) enum PayWith {
    /// By charging this.
    Instrument(Instrument),
    /// By the payer, on a gateway's page.
    Page(PayerPage),
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
    /// The amount is not the order's.
    #[error("the amount must be the order's total, {0}")]
    WrongAmount(Money),
    /// The order was paid before.
    #[error("the order is paid already")]
    AlreadyPaid,
    /// The order was canceled.
    #[error("the order is canceled")]
    Canceled,
    /// The reservation does not hold.
    #[error("{0}")]
    Reservation(&'static str),
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
        key: Option<RequestKey>,
        present: Presenter,
    ) -> Result<Answered, PayOrderError> {
        if caller
            .only_customer()
            .is_some_and(|own| pay.customer_id.as_deref().is_some_and(|payer| payer != own))
        {
            return Err(PayOrderError::AnotherCustomer);
        }
        let keyed = Keyed::new(key, present, Shown::Intent { created: true });
        // A retry is answered as the first call was, whatever became of the order since.
        if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
            return Ok(self.known_key(&caller.tenant, record, &keyed).await?);
        }
        if let Some(live) = self.live_payment(caller, &pay).await? {
            return self.again(&pay, live, present).await;
        }
        let order = self.orders.find(&caller.tenant, &pay.order_ref).await.map_err(IntentsError::from)?;
        let order = order.ok_or(PayOrderError::NoSuchOrder)?;
        match self.check_order(&pay, &order) {
            // Another call paid it between the two questions: its payment is the one.
            Err(PayOrderError::AlreadyPaid) => {
                let live = self.live_payment(caller, &pay).await?.ok_or(PayOrderError::AlreadyPaid)?;
                return self.again(&pay, live, present).await;
            }
            checked => checked?,
        }
        let create = wanted(&pay, &order);
        let made = match pay.with.clone() {
            PayWith::Instrument(_) => Box::pin(self.create_intent(caller, create, keyed)).await,
            PayWith::Page(page) => {
                let page = Box::new(move |_| page.clone());
                let pay = PayByPage { create, page, writes: Vec::new() };
                Box::pin(self.pay_by_page(caller, pay, keyed)).await
            }
        };
        match made {
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

    /// The payment that the order has, if it has one that lives or took its money.
    async fn live_payment(
        &self,
        caller: &Caller,
        pay: &PayOrder,
    ) -> Result<Option<Arc<Intent>>, PayOrderError> {
        let live = self.store.live_intent_of_order(&caller.tenant, pay.channel, &pay.order_ref).await;
        Ok(live.map_err(IntentsError::from)?.map(Arc::new))
    }

    /// The payment that the order has, with its newest outcome.
    async fn again(
        self: &Arc<Self>,
        pay: &PayOrder,
        live: Arc<Intent>,
        present: Presenter,
    ) -> Result<Answered, PayOrderError> {
        if pay.customer_id.is_some() && live.customer_id != pay.customer_id {
            return Err(PayOrderError::AnotherCustomer);
        }
        let keyed = Keyed::new(None, present, Shown::Intent { created: false });
        let was_known = live.status == IntentStatus::Succeeded;
        let due = live.next_check_at().is_some_and(|due| due <= self.clock.now());
        let live = if due { self.resolve(live, &keyed).await? } else { live };
        // Who asks again for what was not known is told how it ended.
        if was_known && !pay.shows_paid {
            return Err(PayOrderError::AlreadyPaid);
        }
        Ok(keyed.answered(&live))
    }

    fn check_order(&self, pay: &PayOrder, order: &Order) -> Result<(), PayOrderError> {
        if pay.customer_id.as_deref().is_some_and(|payer| order.customer_id != payer) {
            return Err(PayOrderError::AnotherCustomer);
        }
        match order.status {
            OrderStatus::Pending => {}
            OrderStatus::Canceled => return Err(PayOrderError::Canceled),
            OrderStatus::Confirmed => return Err(PayOrderError::AlreadyPaid),
        }
        if order.amount != pay.amount {
            return Err(PayOrderError::WrongAmount(order.amount));
        }
        let Some(named) = &pay.reservation_ref else { return Ok(()) };
        let refuse = PayOrderError::Reservation;
        let reservation = order.reservation.as_ref().filter(|reservation| reservation.id == *named);
        let reservation = reservation.ok_or(refuse("the order has no such reservation"))?;
        if pay.customer_id.as_deref().is_some_and(|payer| reservation.holder != payer) {
            return Err(refuse("the reservation does not belong to the customer"));
        }
        if reservation.expires_at <= self.clock.now() {
            return Err(refuse("the reservation has expired"));
        }
        Ok(())
    }
}

fn wanted(pay: &PayOrder, order: &Order) -> CreateIntent {
    let instrument = match &pay.with {
        PayWith::Instrument(instrument) => Some(instrument.clone()),
        PayWith::Page(_) => None,
    };
    CreateIntent {
        amount: pay.amount,
        customer_id: Some(order.customer_id.clone()),
        merchant_account_id: MERCHANT_ACCOUNT.to_owned(),
        // A challenge cannot be expressed by the dialects: it is a decline, `authentication_required`.
        off_session: instrument.is_some(),
        confirm: instrument.is_some(),
        instrument,
        method: pay.method.clone(),
        capture_mode: CaptureMode::Auto,
        capture_delay_seconds: None,
        description: pay.description.clone(),
        statement_descriptor: None,
        order_ref: Some(pay.order_ref.clone()),
        reservation_ref: pay.reservation_ref.clone(),
        metadata: Metadata::default(),
        expires_at: None,
        options: PaymentOptions::default(),
        signals: pay.signals.clone(),
        channel: pay.channel,
        // Each payment of the documents is one attempt; a new call for the order is a new payment.
        max_attempts: Some(1),
        claims_order: true,
        link: None,
        storefront: pay.storefront.clone(),
    }
}

/// The claim of a new intent on its order.
pub(super) fn claim_order(intent: &Intent) -> Option<Guard> {
    let order = intent.order_ref.as_ref()?;
    let (key, owner) = (live_payment_key(intent.channel, order), intent.id.to_string());
    Some(Guard::Claim { kind: LIVE_PAYMENT, key, owner })
}
