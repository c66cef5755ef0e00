//! One case.

use chrono::TimeDelta;

use crate::disputes::{Dispute, DisputeReason};
use crate::kernel::{
    ChargeId, DisputeId, IntentId, Money, PolicyEvaluationId, RefundId, TenantId, Timestamp, Version,
    to_micros, words,
};
use crate::refunds::RefundableCharge;

use super::{CaseEvent, CaseRefusal, Tier};

words! {
    /// Where a case comes from.
    CaseSource {
        /// A guest asks for money.
        Guest = "GUEST",
        /// A bank took it.
        Chargeback = "CHARGEBACK",
    }
}

words! {
    /// Why, in the annex's words.
    CaseReason {
        /// What was paid for did not take place.
        ServiceNotProvided = "SERVICE_NOT_PROVIDED",
        /// It was not as promised.
        Quality = "QUALITY",
        /// The weather.
        Weather = "WEATHER",
        /// Illness.
        Medical = "MEDICAL",
        /// Something was billed wrongly.
        BillingError = "BILLING_ERROR",
        /// Somebody else paid.
        Fraud = "FRAUD",
        /// Anything else.
        Other = "OTHER",
    }
}

words! {
    /// Where a case stands.
    CaseStatus {
        /// Nobody has taken it up.
        Open = "OPEN",
        /// Somebody works on it.
        UnderReview = "UNDER_REVIEW",
        /// It was handed to a higher tier.
        Escalated = "ESCALATED",
        /// It is decided.
        Resolved = "RESOLVED",
    }
}

words! {
    /// How a case is decided.
    DecisionKind {
        /// All that the dispute is about goes back.
        FullRefund = "FULL_REFUND",
        /// A part of it goes back.
        PartialRefund = "PARTIAL_REFUND",
        /// Nothing goes back.
        Denied = "DENIED",
    }
}

/// What somebody wrote down. Never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNote {
    /// 1 for the first, without gaps.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Who: the subject of a credential.
    pub by: String,
    /// What.
    pub text: String,
}

/// How a guest's dispute was decided. Never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDecision {
    /// Which way.
    pub kind: DecisionKind,
    /// How much goes back; zero when it was denied.
    pub amount: Money,
    /// The refund that began in the same change; none when it was denied.
    pub refund_id: Option<RefundId>,
    /// Why.
    pub reason: String,
    /// Who decided: the subject of a credential.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A dispute as people work on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeCase {
    /// Whose.
    pub tenant: TenantId,
    /// The dispute; of a chargeback the chargeback's own id.
    pub id: DisputeId,
    /// How many times it has been committed.
    pub version: Version,
    /// Where it comes from.
    pub source: CaseSource,
    /// The charge that it is about.
    pub charge_id: ChargeId,
    /// The intent of that charge.
    pub intent_id: IntentId,
    /// Who had paid, if the intent had a customer.
    pub guest_id: Option<String>,
    /// Whether the charge is live rather than a test.
    pub livemode: bool,
    /// Why.
    pub reason: CaseReason,
    /// How much is asked for; more than zero.
    pub requested: Money,
    /// What happened, in the guest's words.
    pub description: String,
    /// Who may work on it.
    pub tier: Tier,
    /// Where people have brought it. A chargeback's end is its processor's word, and not here.
    pub status: CaseStatus,
    /// Who works on it.
    pub assigned_to: Option<String>,
    /// What the refund policy said of it; of a chargeback it was not asked.
    pub evaluation: Option<PolicyEvaluationId>,
    /// What was written down, oldest first.
    pub notes: Vec<CaseNote>,
    /// How it was decided; there whenever a guest's is resolved, and never of a chargeback.
    pub decision: Option<CaseDecision>,
    /// Until when it is to be answered.
    pub due_at: Timestamp,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// What a guest asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCase {
    /// The new dispute's id.
    pub id: DisputeId,
    /// Why.
    pub reason: CaseReason,
    /// How much.
    pub requested: Money,
    /// What happened.
    pub description: String,
    /// The tier of the amount.
    pub tier: Tier,
    /// What the refund policy says of it.
    pub evaluation: PolicyEvaluationId,
}

/// What people change of a case; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseUpdate {
    /// Who works on it from now on.
    pub assigned_to: Option<String>,
    /// Something to write down.
    pub note: Option<String>,
    /// Whether a higher tier is to decide.
    pub escalate: bool,
}

/// How a person decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveCase {
    /// Which way.
    pub kind: DecisionKind,
    /// How much, in minor units; needed for a part.
    pub amount_minor: Option<i64>,
    /// Why.
    pub reason: String,
    /// The id of the refund, if there is to be one.
    pub refund_id: RefundId,
    /// Who decides.
    pub by: String,
}

impl DisputeCase {
    /// The most notes of one case.
    pub const NOTES_MAX: usize = 200;
    /// The most cases of one payment that are open at once.
    pub const OPEN_MAX: usize = 20;
    /// Within so many days a dispute is to be answered when nobody says otherwise.
    pub const ANSWER_DAYS: i64 = 14;

    /// A guest's dispute of a charge.
    ///
    /// # Errors
    /// `BadAmount` for what is none.
    pub fn open(
        charge: &RefundableCharge,
        wanted: OpenCase,
        now: Timestamp,
    ) -> Result<(Self, CaseEvent), CaseRefusal> {
        Money::positive(wanted.requested.minor(), wanted.requested.currency())?;
        let now = to_micros(now);
        let case = Self {
            reason: wanted.reason,
            description: wanted.description,
            evaluation: Some(wanted.evaluation),
            ..Self::blank(charge, (wanted.id, CaseSource::Guest), (wanted.requested, wanted.tier), now)
        };
        Ok((case, CaseEvent::Opened))
    }

    /// The case of a chargeback, in the change that opens the chargeback.
    #[must_use]
    pub fn of_chargeback(charge: &RefundableCharge, dispute: &Dispute, tier: Tier) -> Self {
        let of = (dispute.id, CaseSource::Chargeback);
        let blank = Self::blank(charge, of, (dispute.told.amount, tier), dispute.created_at);
        Self {
            reason: CaseReason::of(dispute.told.reason),
            description: dispute.told.network_reason_code.clone().unwrap_or_default(),
            due_at: dispute.evidence_due_by.unwrap_or(blank.due_at),
            ..blank
        }
    }

    fn blank(
        charge: &RefundableCharge,
        (id, source): (DisputeId, CaseSource),
        (requested, tier): (Money, Tier),
        now: Timestamp,
    ) -> Self {
        Self {
            tenant: charge.tenant.clone(),
            id,
            version: Version::FIRST,
            source,
            charge_id: charge.id,
            intent_id: charge.intent_id,
            guest_id: charge.customer_id.clone(),
            livemode: charge.livemode,
            reason: CaseReason::Other,
            requested,
            description: String::new(),
            tier,
            status: CaseStatus::Open,
            assigned_to: None,
            evaluation: None,
            notes: Vec::new(),
            decision: None,
            due_at: now + TimeDelta::days(Self::ANSWER_DAYS),
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether somebody who may work on tiers up to `allowed` may work on it.
    ///
    /// # Errors
    /// `TierForbidden` when not.
    pub fn may_be_worked_on(&self, allowed: Option<Tier>) -> Result<(), CaseRefusal> {
        match allowed {
            Some(allowed) if allowed >= self.tier => Ok(()),
            _ => Err(CaseRefusal::TierForbidden(self.tier)),
        }
    }

    /// Changes what people may change; none when nothing changes.
    ///
    /// # Errors
    /// `Resolved`, `TooManyNotes`.
    pub fn update(
        &self,
        update: &CaseUpdate,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<(Self, CaseEvent)>, CaseRefusal> {
        if self.status == CaseStatus::Resolved {
            return Err(CaseRefusal::Resolved);
        }
        let mut next = self.clone();
        if let Some(assigned) = &update.assigned_to {
            next.assigned_to = Some(assigned.clone());
            if next.status == CaseStatus::Open {
                next.status = CaseStatus::UnderReview;
            }
        }
        if update.escalate {
            next.status = CaseStatus::Escalated;
            next.tier = next.tier.raised();
        }
        if let Some(text) = &update.note {
            if next.notes.len() >= Self::NOTES_MAX {
                return Err(CaseRefusal::TooManyNotes);
            }
            let number = u32::try_from(next.notes.len()).unwrap_or(u32::MAX).saturating_add(1);
            next.notes.push(CaseNote { number, at: to_micros(now), by: by.to_owned(), text: text.clone() });
        }
        if next == *self {
            return Ok(None);
        }
        next.version = self.version.next();
        next.updated_at = to_micros(now);
        Ok(Some((next, CaseEvent::Updated)))
    }

    /// Decides a guest's dispute.
    ///
    /// # Errors
    /// `Resolved` when it is decided, `ProcessorDecides` for a chargeback, and what is wrong with the amount.
    pub fn resolve(&self, wanted: ResolveCase, now: Timestamp) -> Result<(Self, CaseEvent), CaseRefusal> {
        if self.status == CaseStatus::Resolved {
            return Err(CaseRefusal::Resolved);
        }
        if self.source == CaseSource::Chargeback {
            return Err(CaseRefusal::ProcessorDecides);
        }
        let amount = self.decided_amount(wanted.kind, wanted.amount_minor)?;
        let now = to_micros(now);
        let decision = CaseDecision {
            kind: wanted.kind,
            amount,
            refund_id: (!amount.is_zero()).then_some(wanted.refund_id),
            reason: wanted.reason,
            by: wanted.by,
            at: now,
        };
        let next = Self {
            version: self.version.next(),
            status: CaseStatus::Resolved,
            decision: Some(decision),
            updated_at: now,
            ..self.clone()
        };
        Ok((next, CaseEvent::Resolved { from: self.status }))
    }

    /// How much goes back. Never more than the dispute is about: by that its tier was chosen.
    fn decided_amount(&self, kind: DecisionKind, given: Option<i64>) -> Result<Money, CaseRefusal> {
        let currency = self.requested.currency();
        match (kind, given) {
            (DecisionKind::PartialRefund, None) => Err(CaseRefusal::AmountRequired),
            (DecisionKind::PartialRefund, Some(minor)) => {
                let asked = Money::positive(minor, currency)?;
                if asked.minor() > self.requested.minor() {
                    return Err(CaseRefusal::BeyondRequest { asked, requested: self.requested });
                }
                Ok(asked)
            }
            (DecisionKind::FullRefund, Some(minor)) if minor != self.requested.minor() => {
                let why = format!(
                    "a full refund is of the {} that was asked for; leave `amount` out, or decide a part",
                    self.requested
                );
                Err(CaseRefusal::AmountContradicts(why))
            }
            (DecisionKind::FullRefund, _) => Ok(self.requested),
            (DecisionKind::Denied, Some(minor)) if minor != 0 => {
                Err(CaseRefusal::AmountContradicts("what is denied has no `amount`".to_owned()))
            }
            (DecisionKind::Denied, _) => Ok(Money::zero(currency)),
        }
    }
}

impl CaseReason {
    /// What a chargeback's reason is in the annex's words.
    #[must_use]
    pub const fn of(reason: DisputeReason) -> Self {
        use DisputeReason as R;
        match reason {
            R::Fraud | R::Unrecognized => Self::Fraud,
            R::ProductNotReceived => Self::ServiceNotProvided,
            R::ProductUnacceptable => Self::Quality,
            R::CanceledRecurring
            | R::CreditNotProcessed
            | R::Duplicate
            | R::IncorrectAmount
            | R::Authorization
            | R::ProcessingError => Self::BillingError,
            R::Canceled | R::Other => Self::Other,
        }
    }
}
