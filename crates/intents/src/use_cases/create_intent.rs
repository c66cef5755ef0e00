//! Creates an intent, and confirms it in the same call when the client asks for that.

use std::sync::Arc;

use tender_domain::fraud::RiskSignals;
use tender_domain::hotels::HotelWrite;
use tender_domain::intents::{
    CaptureMode, Channel, Instrument, Intent, MethodSummary, NewIntent, PaymentOptions, StorefrontPayment,
};
use tender_domain::kernel::{Caller, Change, CommitError, KeyWrite, Lane, Metadata, Money, Save, Timestamp};
use tender_domain::payment_links::PaymentLink;

use super::pay_order::claim_order;
use super::screen::reached_fraud_limit;
use super::{Answered, ChargeWith, IntentsError, Keyed};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct CreateIntent {
    pub(crate) amount: Money,
    pub(crate) customer_id: Option<String>,
    pub(crate) merchant_account_id: String,
    pub(crate) instrument: Option<Instrument>,
    /// What one may know of an instrument that is not in the vault.
    pub(crate) method: MethodSummary,
    pub(crate) capture_mode: CaptureMode,
    /// How long after its authorization we take the money, in mode `auto`.
    pub(crate) capture_delay_seconds: Option<u32>,
    pub(crate) description: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) order_ref: Option<String>,
    pub(crate) reservation_ref: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) off_session: bool,
    /// What the client asks for beside amount and method.
    pub(crate) options: PaymentOptions,
    /// What the client tells of the customer's device and addresses.
    pub(crate) signals: RiskSignals,
    pub(crate) channel: Channel,
    /// Whether to confirm it in the same call.
    pub(crate) confirm: bool,
    /// The most attempts, when it is not the tenant's.
    pub(crate) max_attempts: Option<u32>,
    /// Whether it is to be its order's one live payment.
    pub(crate) claims_order: bool,
    /// The payment link that it pays; one for one payment points at it from its first commit on.
    pub(crate) link: Option<Arc<PaymentLink>>,
    /// What the storefront's document wants beside it.
    pub(crate) storefront: Option<Storefront>,
}

/// What a storefront's document wants of a payment. A saved method that has expired is refused before there is one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Storefront {
    /// The idempotency key as the client named it, to be kept.
    pub(crate) client_key: Option<String>,
    /// From where the payer calls, to be kept.
    pub(crate) ip_address: Option<String>,
    /// What the payer's browser calls itself, to be kept.
    pub(crate) user_agent: Option<String>,
}

impl IntentsService {
    /// Creates an intent. With `confirm` it is created and its attempt started in one commit, and the gateway is waited
    /// for as long as a call may take.
    pub(crate) async fn create_intent(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: CreateIntent,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let created = Box::pin(self.create(caller, wanted, keyed.clone())).await;
        self.settled(&caller.tenant, created, &keyed).await
    }

    async fn create(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: CreateIntent,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let customer = wanted.customer_id.as_deref();
        let with = match &wanted.instrument {
            // What cannot be charged is refused before there is an intent.
            Some(instrument) => {
                let paid = (customer, &*wanted.merchant_account_id);
                let with = self.charge_with(&caller.tenant, paid, instrument, &wanted.method).await;
                let charged = wanted.confirm || wanted.storefront.is_some();
                match with.and_then(|with| if charged { self.unexpired(with) } else { Ok(with) }) {
                    Ok(with) => Some(with),
                    // A retry is answered as the first call was, whatever became of the method since.
                    Err(error) => match self.key_of(&caller.tenant, &keyed).await? {
                        Some(record) => return self.known_key(&caller.tenant, record, &keyed).await,
                        None => return Err(error),
                    },
                }
            }
            None if wanted.confirm => return Err(IntentsError::NoMethod),
            None => None,
        };
        let method_type = saved_type(wanted.instrument.as_ref(), with.as_ref());
        if let Err(refusal) = self.permit(&caller.tenant, wanted.amount, method_type) {
            // A retry is answered as the first call was, whatever the settings say since.
            return match self.key_of(&caller.tenant, &keyed).await? {
                Some(record) => self.known_key(&caller.tenant, record, &keyed).await,
                None => Err(refusal.into()),
            };
        }
        let now = self.clock.now();
        let mut intent = Intent::create(self.new_intent(caller, &wanted, with.as_ref()), now);
        intent.risk.signals = wanted.signals.clone();
        intent.options = wanted.options.clone();
        match with.filter(|_| wanted.confirm) {
            Some(with) => self.create_and_confirm(caller, intent, with, &wanted, keyed).await,
            None => {
                let key = keyed.record(&intent, now);
                match self.commit_new(&intent, &wanted, key, keyed.lane).await {
                    Ok(()) => Ok(keyed.answered(&intent)),
                    Err(CommitError::KeyTaken(record)) => {
                        self.known_key(&caller.tenant, *record, &keyed).await
                    }
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    async fn create_and_confirm(
        self: &Arc<Self>,
        caller: &Caller,
        intent: Intent,
        with: ChargeWith,
        wanted: &CreateIntent,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let now = intent.created_at;
        for _ in 0..DECISIONS_MAX {
            let begun = self.begin_attempt(&intent, with.clone(), wanted.off_session, now).await??;
            let mut change = begun.change(None, &keyed, now);
            // What ended before it was tried is no payment of its order.
            let claims = wanted.claims_order && begun.run.is_some();
            change.guards.extend(claim_order(&intent).filter(|_| claims));
            if let Some(link) = &wanted.link
                && let Some(begun) = link.begin_payment(intent.id, now)?
            {
                change = change.save(Save::<PaymentLink>::changed(Arc::clone(link), begun));
            }
            if let Some(kept) = wanted.link.as_ref().and_then(|link| link.hotel_payment(intent.id)) {
                change = change.save(HotelWrite::from(kept));
            }
            if let Some(storefront) = &wanted.storefront {
                change = change.save(storefront.payment(&intent));
            }
            match (self.store.commit(change).await, begun.run) {
                (Ok(_), Some((attempt, token))) => {
                    return self.run_attempt(begun.intent, attempt, token, keyed).await;
                }
                (Ok(_), None) => return Ok(keyed.answered(&begun.intent)),
                (Err(CommitError::KeyTaken(record)), _) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                (Err(error), _) if reached_fraud_limit(&error) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    async fn commit_new(
        &self,
        intent: &Intent,
        wanted: &CreateIntent,
        key: Option<KeyWrite>,
        lane: Lane,
    ) -> Result<(), CommitError> {
        let mut change =
            Change::of(intent.tenant.clone()).save(Save::<Intent>::new(intent.clone())).keyed(key);
        change.lane = lane;
        change.guards.extend(claim_order(intent).filter(|_| wanted.claims_order));
        if let Some(storefront) = &wanted.storefront {
            change = change.save(storefront.payment(intent));
        }
        self.store.commit(change).await.map(|_| ())
    }

    /// The method, unless its card has expired and it is to be charged now.
    pub(super) fn unexpired(&self, with: ChargeWith) -> Result<ChargeWith, IntentsError> {
        match &with.instrument {
            Instrument::Saved(id) if with.has_expired(self.clock.now()) => {
                Err(IntentsError::MethodExpired(*id))
            }
            _ => Ok(with),
        }
    }

    pub(super) fn new_intent(
        &self,
        caller: &Caller,
        wanted: &CreateIntent,
        with: Option<&ChargeWith>,
    ) -> NewIntent {
        NewIntent {
            id: self.ids.next(),
            tenant: caller.tenant.clone(),
            livemode: caller.livemode,
            amount: wanted.amount,
            customer_id: wanted.customer_id.clone(),
            merchant_account_id: wanted.merchant_account_id.clone(),
            instrument: wanted.instrument.clone(),
            method: known_method(wanted, with),
            capture_mode: wanted.capture_mode,
            capture_delay_seconds: wanted.capture_delay_seconds,
            description: wanted.description.clone(),
            statement_descriptor: wanted.statement_descriptor.clone(),
            order_ref: wanted.order_ref.clone(),
            reservation_ref: wanted.reservation_ref.clone(),
            metadata: wanted.metadata.clone(),
            max_attempts: wanted.max_attempts.unwrap_or_else(|| self.max_attempts(&caller.tenant)),
            expires_at: wanted.expires_at,
            channel: wanted.channel,
        }
    }
}

/// The type of a method that is in the vault.
pub(super) fn saved_type<'a>(
    instrument: Option<&Instrument>,
    with: Option<&'a ChargeWith>,
) -> Option<&'a str> {
    let saved = matches!(instrument, Some(Instrument::Saved(_)));
    with.filter(|_| saved).map(|with| &*with.summary.method_type)
}

impl Storefront {
    pub(super) fn payment(&self, intent: &Intent) -> StorefrontPayment {
        StorefrontPayment {
            tenant: intent.tenant.clone(),
            intent_id: intent.id,
            client_key: self.client_key.clone(),
            ip_address: self.ip_address.clone(),
            user_agent: self.user_agent.clone(),
        }
    }
}

/// What one may know of the method: of a saved one what the vault says, under the dialect's own word for its kind.
fn known_method(wanted: &CreateIntent, with: Option<&ChargeWith>) -> MethodSummary {
    let mut method = with.map_or_else(|| wanted.method.clone(), |with| with.summary.clone());
    if !wanted.method.method_type.is_empty() {
        method.method_type.clone_from(&wanted.method.method_type);
    }
    method
}
