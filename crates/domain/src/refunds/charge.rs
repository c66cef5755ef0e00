//! The aggregate: a charge as far as refunds and disputes need it, with all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{
    CaptureId, ChargeId, Currency, IntentId, Metadata, Money, RefundId, TenantId, Timestamp, Version,
};

use crate::disputes::Dispute;

use super::{
    BadCapture, CapturedCharge, LookupSchedule, Refund, RefundAttempt, RefundEvent, RefundFailure,
    RefundMethod, RefundOrigin, RefundReason, RefundRefusal, RefundState, RefundStep,
};

/// A charge that can be refunded, with all its refunds and disputes: one aggregate, one version.
///
/// Its law: the sum of our live refunds is at most what was captured less what disputes and refunds from outside took
/// back. Those are facts and may break it; then nothing is left and no refund of ours can start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundableCharge {
    /// Whose.
    pub tenant: TenantId,
    /// The charge.
    pub id: ChargeId,
    /// How many times this projection has been committed, over all its refunds and disputes.
    pub version: Version,
    /// The intent that was paid.
    pub intent_id: IntentId,
    /// Whose money it is: the merchant account's name.
    pub merchant_account_id: String,
    /// The connector that took the money.
    pub connector: String,
    /// What the gateway calls the charge.
    pub gateway_reference: String,
    /// Who paid, if the intent had a customer.
    pub customer_id: Option<String>,
    /// The order that was paid, if there is one.
    pub order_id: Option<String>,
    /// Whether it is live rather than a test.
    pub livemode: bool,
    /// What was authorized: no more than this is ever captured.
    pub authorized: Money,
    /// The captures seen, each once; every amount greater than zero and in the charge's currency.
    pub captures: BTreeMap<CaptureId, Money>,
    /// Those of them that did not last: taken back by the gateway after they had succeeded.
    pub reversed: BTreeSet<CaptureId>,
    /// The refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// The disputes, oldest first. What is done to them is in `disputes/charge.rs`.
    pub disputes: Vec<Dispute>,
    /// When this projection was made.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartRefund {
    /// The new refund's id.
    pub id: RefundId,
    /// How much; none is all that is left.
    pub amount: Option<i64>,
    /// The currency the client thinks the charge is in, if it says one.
    pub currency: Option<Currency>,
    /// Why.
    pub reason: RefundReason,
    /// How.
    pub method: RefundMethod,
    /// What the client keeps beside it.
    pub metadata: Metadata,
}

impl RefundableCharge {
    /// The most refunds one charge may have, failed ones counted.
    pub const REFUNDS_MAX: usize = 500;

    /// The projection of a charge that was not known yet.
    ///
    /// # Errors
    /// When the captures told of contradict each other, or there are none.
    pub fn open(tenant: &TenantId, told: &CapturedCharge, now: Timestamp) -> Result<Self, BadCapture> {
        let empty = Self {
            tenant: tenant.clone(),
            id: told.charge_id,
            version: Version::FIRST,
            intent_id: told.intent_id,
            merchant_account_id: told.merchant_account_id.clone(),
            connector: told.connector.clone(),
            gateway_reference: told.gateway_reference.clone(),
            customer_id: told.customer_id.clone(),
            order_id: told.order_id.clone(),
            livemode: told.livemode,
            authorized: told.authorized,
            captures: BTreeMap::new(),
            reversed: BTreeSet::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        let mut opened = empty.adopt(told, now)?.ok_or(BadCapture::None(told.charge_id))?;
        opened.version = Version::FIRST;
        Ok(opened)
    }

    /// The charge with the captures it had not seen; none when it had seen them all.
    ///
    /// # Errors
    /// When what is told contradicts what is known.
    pub fn adopt(&self, told: &CapturedCharge, now: Timestamp) -> Result<Option<Self>, BadCapture> {
        if told.intent_id != self.intent_id {
            return Err(BadCapture::OtherIntent(self.id, self.intent_id, told.intent_id));
        }
        let mut captures = self.captures.clone();
        let mut sum = self.ever_captured();
        for part in &told.captures {
            let (given, own) = (part.amount.currency(), self.currency());
            if given != own {
                return Err(BadCapture::OtherCurrency(part.id, given, own));
            }
            match captures.insert(part.id, part.amount) {
                Some(known) if known == part.amount => {}
                Some(known) => return Err(BadCapture::Contradiction(part.id, known, part.amount)),
                None if part.amount.minor() <= 0 => return Err(BadCapture::Amount(part.id, part.amount)),
                None => {
                    sum =
                        sum.checked_add(part.amount).map_err(|_| BadCapture::Amount(part.id, part.amount))?;
                }
            }
        }
        if captures.len() == self.captures.len() {
            return Ok(None);
        }
        Ok(Some(Self { captures, ..self.stepped(now) }))
    }

    /// The charge's currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.authorized.currency()
    }

    /// What can still be refunded; nothing, rather than less, when disputes took more than was left. What was found to have
    /// been given back by refunds that are taken for failed is not given back again while a person looks.
    #[must_use]
    pub fn left(&self) -> Money {
        self.left_beside(None)
    }

    /// The same, as if nothing had been found of this refund.
    pub(super) fn left_beside(&self, refund: Option<RefundId>) -> Money {
        let taken = self.disputed().minor().saturating_add(self.refunded().minor());
        let taken = taken.saturating_add(self.found_of_others(refund));
        Money::new(self.captured().minor().saturating_sub(taken).max(0), self.currency())
    }

    /// Whether there may be captures that are not known here: less was captured than authorized.
    #[must_use]
    pub fn may_have_more_captures(&self) -> bool {
        self.captured().minor() < self.authorized.minor()
    }

    /// The refund with this id.
    #[must_use]
    pub fn refund(&self, id: RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    /// Reserves an amount for a refund whose call to the gateway is about to begin. One as store credit has no such
    /// call: it is done with this.
    ///
    /// # Errors
    /// When less is left than is asked for, or what is asked for is not possible on this charge.
    pub fn start_refund(
        &self,
        wanted: StartRefund,
        now: Timestamp,
        schedule: &LookupSchedule,
    ) -> Result<Self, RefundRefusal> {
        let is_credit = wanted.method == RefundMethod::StoreCredit;
        if is_credit && self.customer_id.is_none() {
            return Err(RefundRefusal::NoCustomer(self.id));
        }
        if let Some(given) = wanted.currency.filter(|given| *given != self.currency()) {
            return Err(RefundRefusal::OtherCurrency { charge: self.currency(), given });
        }
        if self.refunds.len() >= Self::REFUNDS_MAX {
            return Err(RefundRefusal::TooManyRefunds(Self::REFUNDS_MAX));
        }
        let refund = Refund {
            id: wanted.id,
            version: Version::FIRST,
            charge_id: self.id,
            intent_id: self.intent_id,
            customer_id: self.customer_id.clone(),
            livemode: self.livemode,
            amount: self.amount_to_refund(wanted.amount)?,
            reason: wanted.reason,
            method: wanted.method,
            origin: RefundOrigin::Tender,
            metadata: wanted.metadata,
            attempts: u32::from(!is_credit),
            state: if is_credit {
                RefundState::Succeeded { gateway_reference: None, at: now }
            } else {
                RefundState::Processing(RefundAttempt::started(now, schedule))
            },
            resolution: None,
            created_at: now,
            updated_at: now,
        };
        let mut next = self.stepped(now);
        next.refunds.push(refund);
        Ok(next)
    }

    fn amount_to_refund(&self, asked: Option<i64>) -> Result<Money, RefundRefusal> {
        let left = self.left();
        let asked = asked.map(|minor| Money::positive(minor, self.currency())).transpose()?;
        let amount = asked.unwrap_or(left);
        if amount.is_zero() || amount.minor() > left.minor() {
            return Err(RefundRefusal::ExceedsCharge { asked, left });
        }
        Ok(amount)
    }

    /// Records that the gateway took back a refund it had done.
    ///
    /// # Errors
    /// When there is no such refund, it had not succeeded, or it is store credit: no gateway did it, so none takes it back.
    pub fn reverse(
        &self,
        id: RefundId,
        failure: RefundFailure,
        now: Timestamp,
    ) -> Result<(Self, RefundEvent), RefundRefusal> {
        let refund = self.refund(id).ok_or(RefundRefusal::NoSuchRefund(id))?;
        if refund.method == RefundMethod::StoreCredit {
            return Err(wrong_status(refund, "reversed"));
        }
        allow(refund, RefundStep::Reverse, "reversed")?;
        let gateway_reference = refund.gateway_reference().map(str::to_owned);
        let state = RefundState::Failed { failure, gateway_reference, found: None, at: now };
        Ok((self.with_state(id, state, now), RefundEvent::Failed { refund: id, after_success: true }))
    }

    /// Calls off a refund of which no call is open.
    ///
    /// # Errors
    /// When there is no such refund, one of its calls is open, or it has ended.
    pub fn cancel(&self, id: RefundId, now: Timestamp) -> Result<Self, RefundRefusal> {
        let refund = self.refund(id).ok_or(RefundRefusal::NoSuchRefund(id))?;
        allow(refund, RefundStep::Cancel, "canceled")?;
        Ok(self.with_state(id, RefundState::Canceled { found: None, at: now }, now))
    }

    pub(crate) fn stepped(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }

    pub(super) fn with_state(&self, id: RefundId, state: RefundState, now: Timestamp) -> Self {
        let mut next = self.stepped(now);
        if let Some(refund) = next.refunds.iter_mut().find(|refund| refund.id == id) {
            refund.state = state;
            refund.version = refund.version.next();
            refund.updated_at = now;
        }
        next
    }
}

pub(super) fn allow(refund: &Refund, step: RefundStep, wanted: &'static str) -> Result<(), RefundRefusal> {
    refund.status().after(step).map(|_| ()).ok_or_else(|| wrong_status(refund, wanted))
}

pub(super) const fn wrong_status(refund: &Refund, wanted: &'static str) -> RefundRefusal {
    RefundRefusal::WrongStatus { status: refund.status(), wanted }
}

#[cfg(test)]
#[path = "charge_tests.rs"]
mod tests;
