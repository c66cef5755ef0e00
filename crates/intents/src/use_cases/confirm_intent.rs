//! Confirms an intent: asks a gateway for the money.

use std::sync::Arc;

use secrecy::SecretString;
use tender_domain::fraud::{CardSignals, IntentRisk, RiskSignals};
use tender_domain::intents::{Command, Instrument, Intent, MethodSummary, Refusal};
use tender_domain::kernel::{AttemptId, Caller, CommitError, IntentId, KeyRecord, TenantId, Timestamp};
use tender_domain::ports::{ChargeableMethod, Payer};
use tender_domain::vault::Card;
use tender_http::{ServerTiming, to_the_end};

use super::cancel_intent::release_order;
use super::create_intent::saved_type;
use super::drive::Recorder;
use super::screen::reached_fraud_limit;
use super::{Answered, Charging, IntentsError, Keyed, Seen};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

/// What a confirmation brings.
#[derive(Debug, Clone)]
pub(crate) struct Confirm {
    /// A method to attach first.
    pub(crate) instrument: Option<Instrument>,
    /// Whether the customer is away.
    pub(crate) off_session: bool,
    /// Whether the customer must authenticate, also where nobody else asks for it.
    pub(crate) forces_three_ds: bool,
    /// What the client tells of the customer's device and addresses.
    pub(crate) signals: RiskSignals,
    /// Who pays; what was told before stays where nothing is told anew.
    pub(crate) payer: Payer,
    /// What the client has seen.
    pub(crate) seen: Seen,
}

/// A method ready to be charged.
#[derive(Clone)]
pub(crate) struct ChargeWith {
    pub(crate) instrument: Instrument,
    pub(crate) summary: MethodSummary,
    /// The connectors that hold a token of it, each with that token.
    pub(crate) tokens: Vec<(String, SecretString)>,
    /// What fraud's rules look at.
    pub(crate) card: CardSignals,
    /// Where the bank account is held that is debited.
    pub(crate) account_country: Option<String>,
    /// The last month in which a card is good: year and month.
    pub(crate) expires: Option<(u16, u8)>,
}

impl ChargeWith {
    /// Whether the card's last month is over, in every time zone of the world.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|(year, month)| Card::months(year, month) < Card::first_good_month(now))
    }
}

impl IntentsService {
    /// Confirms an intent and waits for the gateway, as long as a call may take. What began before the caller went
    /// away goes on.
    pub(crate) async fn confirm_intent(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        confirm: Confirm,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let confirmed = Box::pin(self.confirm(caller, id, confirm, keyed.clone())).await;
        self.settled(&caller.tenant, confirmed, &keyed).await
    }

    async fn confirm(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        confirm: Confirm,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load(caller, id).await?);
            if let Some(record) = self.kept_key(&before, &keyed).await? {
                return self.known_key(&caller.tenant, record, &keyed).await;
            }
            confirm.seen.check(before.version)?;
            let now = self.clock.now();
            let decided = match self.prepare_confirm(&before, &confirm).await? {
                Ok((intent, with)) => self.begin_attempt(&intent, with, confirm.off_session, now).await?,
                Err(refusal) => Err(refusal),
            };
            let begun = match decided {
                Ok(begun) => begun,
                Err(refusal) => return self.refuse(&caller.tenant, id, refusal, &keyed).await,
            };
            let mut change = begun.change(Some(before), &keyed, now);
            if begun.run.is_none() {
                change = release_order(change, &begun.intent);
            }
            match (self.store.commit(change).await, begun.run) {
                (Ok(_), Some((attempt, token))) => {
                    return self.run_attempt(begun.intent, attempt, token, keyed).await;
                }
                (Ok(_), None) => return Ok(keyed.answered(&begun.intent)),
                (Err(CommitError::KeyTaken(record)), _) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                (Err(CommitError::Conflict), _) => {}
                (Err(error), _) if reached_fraud_limit(&error) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The key's record, looked up only when the intent would refuse: a retry of what succeeded must get its answer,
    /// and what is still to be done loses nothing by finding out at its commit.
    async fn kept_key(&self, intent: &Intent, keyed: &Keyed) -> Result<Option<KeyRecord>, IntentsError> {
        if intent.attempts.is_empty() && !intent.status.is_final() {
            return Ok(None);
        }
        self.key_of(&intent.tenant, keyed).await
    }

    /// The intent with the confirmation's method attached, and that method ready to be charged.
    async fn prepare_confirm(
        &self,
        before: &Intent,
        confirm: &Confirm,
    ) -> Result<Result<(Intent, ChargeWith), Refusal>, IntentsError> {
        if !before.status.permits(Command::Confirm) && confirm.instrument.is_none() {
            let command = Command::Confirm;
            if before.instrument.is_none() {
                return Err(IntentsError::NoMethod);
            }
            return Ok(Err(Refusal::WrongStatus { status: before.status, command }));
        }
        let wanted = confirm.instrument.clone().or_else(|| before.instrument.clone());
        let wanted = wanted.ok_or(IntentsError::NoMethod)?;
        let with = self.charge_with(&before.tenant, payer_and_payee(before), &wanted, &before.method).await?;
        let with = self.unexpired(with)?;
        let method_type = saved_type(Some(&wanted), Some(&with));
        if let Err(refusal) = self.permit(&before.tenant, before.amount, method_type) {
            return Ok(Err(refusal));
        }
        let mut known = before.clone();
        if !confirm.signals.is_empty() {
            let signals = known.risk.signals.with(confirm.signals.clone());
            known.risk = IntentRisk { signals, decision: known.risk.decision };
        }
        known.options.request_three_ds |= confirm.forces_three_ds;
        if !confirm.payer.is_empty() {
            known.options.payer = known.options.payer.with(confirm.payer.clone());
        }
        if confirm.instrument.is_none() {
            return Ok(Ok((known, with)));
        }
        let attached = known.attach_method(wanted, with.summary.clone(), self.clock.now());
        Ok(attached.map(|intent| (intent, with)))
    }

    /// A method ready to be charged: from the vault, or one of the sandbox's test tokens.
    pub(crate) async fn charge_with(
        &self,
        tenant: &TenantId,
        (customer, merchant): (Option<&str>, &str),
        instrument: &Instrument,
        known: &MethodSummary,
    ) -> Result<ChargeWith, IntentsError> {
        match instrument {
            Instrument::Saved(id) => {
                let method = self.vault.method_for_charge(tenant, *id).await?;
                if method.customer_id.as_deref().is_some_and(|owner| Some(owner) != customer) {
                    return Err(IntentsError::MethodOfAnotherCustomer(*id));
                }
                if method.merchant_account_id.as_deref().is_some_and(|owner| owner != merchant) {
                    return Err(IntentsError::MethodOfAnotherMerchant(*id));
                }
                let summary = summary(&method);
                let card = CardSignals { fingerprint: Some(method.fingerprint), bin: method.bin };
                let account_country = method.account_country;
                let expires = method.exp_year.zip(method.exp_month);
                let is_known = |(name, _): &(String, SecretString)| {
                    self.gateways.find(name).is_some() || self.known_connector(tenant, name).is_some()
                };
                let tokens: Vec<_> = method.tokens.into_iter().filter(is_known).collect();
                if tokens.is_empty() {
                    return Err(IntentsError::MethodNotChargeable(*id));
                }
                let instrument = instrument.clone();
                Ok(ChargeWith { instrument, summary, tokens, card, account_country, expires })
            }
            // A session is begun, never charged.
            Instrument::Alternative(_) => Err(IntentsError::NoMethod),
            Instrument::TestToken(token) => Ok(ChargeWith {
                instrument: instrument.clone(),
                summary: known.clone(),
                tokens: vec![(self.gateways.for_new_payment().to_owned(), SecretString::from(token.clone()))],
                // A published test token is one card.
                card: CardSignals { fingerprint: Some(token.clone()), bin: None },
                account_country: None,
                expires: None,
            }),
        }
    }

    /// Drives a started attempt to its outcome, in a task of its own: a caller who goes away stops nothing.
    pub(super) async fn run_attempt(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        attempt: AttemptId,
        charging: Charging,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let (service, recorder, timing) = (Arc::clone(self), Recorder::of(&keyed), ServerTiming::current());
        let task = async move {
            let intent = service.drive_attempt(intent, attempt, charging, recorder.clone(), &timing).await?;
            service.first_answer(&intent, &keyed, &recorder).await
        };
        // Work that ended without a result left the attempt started: its outcome is looked up, never assumed.
        to_the_end(task).await.unwrap_or(Err(IntentsError::Commit(CommitError::Unresolved)))
    }
}

/// Whose method an intent is paid with, and to which merchant account.
pub(super) fn payer_and_payee(intent: &Intent) -> (Option<&str>, &str) {
    (intent.customer_id.as_deref(), &intent.merchant_account_id)
}

fn summary(method: &ChargeableMethod) -> MethodSummary {
    MethodSummary {
        method_type: method.method_type.clone(),
        brand: method.brand.clone(),
        last4: method.last4.clone(),
    }
}
