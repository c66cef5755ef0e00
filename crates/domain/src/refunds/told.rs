//! What gateways tell of refunds by themselves: how ours ended, and those that a person made in a gateway's dashboard.
//!
//! A callback may come twice, late, before the answer, or in another order than what it tells of. It changes what is
//! open; what it confirms stays; what contradicts a definite end is told to a person and moves no money.

use std::sync::Arc;

use async_trait::async_trait;

use crate::kernel::{Metadata, Money, RefundId, TenantId, Timestamp, Version, gateway_text};
use crate::ports::{CallEnd, Decline, GatewayAnswer, OutsideRefund};

use super::outcome::{declined, outcome_of_end};
use super::{
    Recorded, Refund, RefundCall, RefundEvent, RefundMethod, RefundOrigin, RefundPacing, RefundReason,
    RefundRefusal, RefundState, RefundStatus, RefundableCharge,
};

/// What a gateway told of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRefund {
    /// The connector whose word it is.
    pub connector: String,
    /// What it told.
    pub news: RefundNews,
}

/// Of whose refund, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundNews {
    /// One that we asked for ended.
    Ours {
        /// Which, and which of its calls.
        call: RefundCall,
        /// How.
        end: CallEnd,
    },
    /// One was made in the gateway's dashboard.
    Outside(OutsideRefund),
}

/// What something that was told comes to for a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum RefundTold {
    /// It is news.
    Changed {
        /// The next state.
        charge: Arc<RefundableCharge>,
        /// What others are told.
        events: Vec<RefundEvent>,
    },
    /// It is known, or was overtaken.
    Known,
    /// It contradicts what is known, in words for a person. Nothing changes.
    Contradiction(String),
}

/// What became of what a gateway told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundTaken {
    /// It moved a refund, or became one.
    Applied,
    /// It told nothing new.
    Known,
    /// It is about no refund of this connector's here.
    Unmatched(String),
}

/// Why it was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundIntakeError {
    /// It contradicts what is known: the same again will be refused again.
    #[error("refused: {0}")]
    Refused(String),
    /// It cannot be taken in now, or its charge is not known yet.
    #[error("the refunds service cannot take it in now: {0}")]
    Unavailable(String),
}

/// Where what gateways tell of refunds is taken in: the refunds service. The same again changes nothing.
#[async_trait]
pub trait RefundIntake: Send + Sync {
    /// Takes in what a gateway told.
    ///
    /// # Errors
    /// See [`RefundIntakeError`].
    async fn take_refund(
        &self,
        tenant: &TenantId,
        told: &ToldRefund,
    ) -> Result<RefundTaken, RefundIntakeError>;
}

impl RefundableCharge {
    /// What its live refunds take: reserved, on their way, or given back; ours and those made outside.
    #[must_use]
    pub fn refunded(&self) -> Money {
        self.live(|_| true)
    }

    /// What our live refunds take; at most what was captured.
    #[must_use]
    pub fn refunded_by_us(&self) -> Money {
        self.live(|refund| refund.origin == RefundOrigin::Tender)
    }

    /// What refunds take that a person made in the gateway's dashboard; whatever was left.
    #[must_use]
    pub fn refunded_outside(&self) -> Money {
        self.live(|refund| refund.origin == RefundOrigin::Gateway)
    }

    fn live(&self, which: impl Fn(&Refund) -> bool) -> Money {
        let live = self.refunds.iter().filter(|refund| refund.status().is_live() && which(refund));
        // Each is an amount of money; so many that this overflows no gateway makes.
        let sum = live.fold(0_i64, |sum, refund| sum.saturating_add(refund.amount.minor()));
        Money::new(sum, self.currency())
    }

    /// How a refund of ours ended, as a callback tells it, from wherever it stands.
    ///
    /// # Errors
    /// When there is no such refund.
    pub fn told_end(
        &self,
        call: RefundCall,
        end: &CallEnd,
        now: Timestamp,
        pacing: &RefundPacing,
    ) -> Result<RefundTold, RefundRefusal> {
        let id = call.refund;
        let refund = self.refund(id).ok_or(RefundRefusal::NoSuchRefund(id))?;
        if call != refund.call() {
            return self.told_of_older(refund, call, end, now);
        }
        match (&refund.state, end) {
            (_, CallEnd::TakenBack { gateway_reference, why }) => {
                self.told_taken_back(refund, gateway_reference, why, now)
            }
            (RefundState::Succeeded { .. }, CallEnd::Answered(GatewayAnswer::Approved { amount, .. })) => {
                if *amount == refund.amount {
                    return Ok(RefundTold::Known);
                }
                Ok(contradicts(refund, &format!("that {amount} was given back")))
            }
            (RefundState::Succeeded { .. }, CallEnd::Answered(GatewayAnswer::Declined(decline))) => {
                Ok(contradicts(refund, &format!("declined: {}", decline.message)))
            }
            (RefundState::Succeeded { .. }, CallEnd::NotDone(why)) => {
                Ok(contradicts(refund, &format!("not done: {why}")))
            }
            (
                RefundState::Failed { .. } | RefundState::Canceled { .. },
                CallEnd::Answered(GatewayAnswer::Approved { amount, gateway_reference, .. }),
            ) => self.told_done_after_all(refund, (*amount, gateway_reference.as_str()), now),
            _ => Ok(self.record(call, outcome_of_end(end), now, pacing)?.into()),
        }
    }

    /// The end of a call that another followed: it was taken for not done. Only that it was done is news, and while the
    /// newer call may be done too nothing is decided by it.
    fn told_of_older(
        &self,
        refund: &Refund,
        call: RefundCall,
        end: &CallEnd,
        now: Timestamp,
    ) -> Result<RefundTold, RefundRefusal> {
        let (amount, gateway_reference) = match end {
            CallEnd::Answered(GatewayAnswer::Approved { amount, gateway_reference, .. }) => {
                (amount, gateway_reference)
            }
            // It was this one that the refund succeeded by, or was found to have been done by.
            CallEnd::TakenBack { gateway_reference, why }
                if refund.said_to_be_done_as() == Some(gateway_reference.as_str()) =>
            {
                return self.told_taken_back(refund, gateway_reference, why, now);
            }
            _ => return Ok(RefundTold::Known),
        };
        match &refund.state {
            RefundState::Pending(_) => {
                Ok(self.record(call, outcome_of_end(end), now, &RefundPacing::default())?.into())
            }
            RefundState::Failed { .. } | RefundState::Canceled { .. } => {
                self.told_done_after_all(refund, (*amount, gateway_reference.as_str()), now)
            }
            _ if refund.gateway_reference() == Some(gateway_reference) => Ok(RefundTold::Known),
            _ => {
                let number = call.number;
                let said =
                    format!("that {amount} was given back by its call {number}, as {gateway_reference}");
                Ok(contradicts(refund, &said))
            }
        }
    }

    /// A refund that the gateway took back: of one that had succeeded what was posted is reversed; one that had no end
    /// has this one, and what is told of it later is older.
    fn told_taken_back(
        &self,
        refund: &Refund,
        gateway_reference: &str,
        why: &Decline,
        now: Timestamp,
    ) -> Result<RefundTold, RefundRefusal> {
        // Of several calls it may be another one than that which gave the money back.
        if refund.attempts > 1 && refund.said_to_be_done_as().is_some_and(|name| name != gateway_reference) {
            return Ok(contradicts(refund, &format!("that {gateway_reference} was taken back")));
        }
        let events = match refund.status() {
            RefundStatus::Succeeded => {
                let (charge, event) = self.reverse(refund.id, declined(why), now)?;
                return Ok(RefundTold::Changed { charge: Arc::new(charge), events: vec![event] });
            }
            RefundStatus::Processing | RefundStatus::RequiresAction => {
                vec![RefundEvent::Failed { refund: refund.id, after_success: false }]
            }
            // Known to have failed; only its name is new, by which an older word of it is known.
            RefundStatus::Failed if refund.gateway_reference().is_none() => Vec::new(),
            // What was found beside it is gone again: nobody has to look any more.
            RefundStatus::Canceled if refund.conflict().is_some() => {
                let RefundState::Canceled { at, .. } = &refund.state else { return Ok(RefundTold::Known) };
                let state = RefundState::Canceled { found: None, at: *at };
                let charge = Arc::new(self.with_state(refund.id, state, now));
                return Ok(RefundTold::Changed { charge, events: Vec::new() });
            }
            RefundStatus::Failed | RefundStatus::Pending | RefundStatus::Canceled => {
                return Ok(RefundTold::Known);
            }
        };
        let (failure, at) = match &refund.state {
            RefundState::Failed { failure, found: None, at, .. } => (failure.clone(), *at),
            _ => (declined(why), now),
        };
        let gateway_reference = Some(gateway_reference.to_owned());
        let state = RefundState::Failed { failure, gateway_reference, found: None, at };
        Ok(RefundTold::Changed { charge: Arc::new(self.with_state(refund.id, state, now)), events })
    }

    /// Adopts a refund that was made in the gateway's dashboard, once by the gateway's name of it. It lands whatever is
    /// left; what is missing then is told.
    ///
    /// # Errors
    /// When its amount is none.
    pub fn told_outside(
        &self,
        id: RefundId,
        told: &OutsideRefund,
        now: Timestamp,
    ) -> Result<RefundTold, RefundRefusal> {
        let amount = Money::positive(told.amount.minor(), told.amount.currency())?;
        let name = told.gateway_reference.as_str();
        let known = self.refund_named(name);
        let expected = known.map_or(self.currency(), |known| known.amount.currency());
        if amount.currency() != expected || known.is_some_and(|known| known.amount != amount) {
            let before = known.map_or_else(
                || format!("the charge is in {expected}"),
                |known| format!("the refund {} is of {}", known.id, known.amount),
            );
            let text = format!("{before}, and a callback says that {amount} was given back as {name}");
            return Ok(RefundTold::Contradiction(gateway_text(&text)));
        }
        match (known, &told.taken_back) {
            (Some(known), Some(why)) if known.status() == RefundStatus::Succeeded => {
                self.told_taken_back(known, name, why, now)
            }
            (Some(_), _) => Ok(RefundTold::Known),
            (None, _) => Ok(self.adopted(self.made_outside(id, amount, told, now), now)),
        }
    }

    fn made_outside(&self, id: RefundId, amount: Money, told: &OutsideRefund, now: Timestamp) -> Refund {
        let gateway_reference = told.gateway_reference.clone();
        let state = match &told.taken_back {
            None => RefundState::Succeeded { gateway_reference: Some(gateway_reference), at: now },
            // It never counted here; kept, so that an older word of it has no effect.
            Some(why) => RefundState::Failed {
                failure: declined(why),
                gateway_reference: Some(gateway_reference),
                found: None,
                at: now,
            },
        };
        Refund {
            id,
            version: Version::FIRST,
            charge_id: self.id,
            intent_id: self.intent_id,
            customer_id: self.customer_id.clone(),
            livemode: self.livemode,
            amount,
            reason: RefundReason::Other,
            method: RefundMethod::OriginalPaymentMethod,
            origin: RefundOrigin::Gateway,
            metadata: Metadata::default(),
            attempts: 0,
            state,
            resolution: None,
            created_at: now,
            updated_at: now,
        }
    }

    fn adopted(&self, refund: Refund, now: Timestamp) -> RefundTold {
        let id = refund.id;
        let mut events = vec![match refund.status() {
            RefundStatus::Succeeded => RefundEvent::Processed(id),
            _ => RefundEvent::Failed { refund: id, after_success: false },
        }];
        let mut next = self.stepped(now);
        next.refunds.push(refund);
        let missing = next.shortfall();
        if missing.minor() > self.shortfall().minor() {
            events.push(RefundEvent::Shortfall { refund: id, missing });
        }
        RefundTold::Changed { charge: Arc::new(next), events }
    }
}

impl From<Recorded> for RefundTold {
    fn from(recorded: Recorded) -> Self {
        match recorded {
            Recorded::Changed { charge, events } => Self::Changed { charge, events },
            Recorded::AlreadyApplied => Self::Known,
        }
    }
}

/// That a callback says something else of a refund than what is known.
pub(super) fn contradicts(refund: &Refund, said: &str) -> RefundTold {
    let status = refund.status().as_str();
    let text =
        format!("the refund {} of {} is {status}, and a callback says {said}", refund.id, refund.amount);
    RefundTold::Contradiction(gateway_text(&text))
}

#[cfg(test)]
#[path = "told_tests.rs"]
mod tests;
