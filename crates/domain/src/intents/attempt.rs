//! One try at one connector, and what it became.

use chrono::TimeDelta;

use crate::kernel::{AttemptId, MethodId, Money, RoutingRuleId, Timestamp};
use crate::ports::{Avs, Decline, ScaAnswer, ScaRequest, SessionRequest, ThreeDs};

use super::{AttemptStatus, CALL_DEADLINE, Resolution};

/// What an attempt charges. Never a card number; of a saved method only its id, its token stays in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instrument {
    /// A method saved in the vault.
    Saved(MethodId),
    /// One of the sandbox's published test tokens (`tok_visa`).
    TestToken(String),
    /// An alternative payment method by its name (`ideal`): nothing is charged, the customer pays in a session.
    Alternative(String),
}

/// What one may know of a method.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodSummary {
    /// `card`, `bank_account` …
    pub method_type: String,
    /// The card's brand.
    pub brand: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
}

/// A challenge that the customer must meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Where the customer goes.
    pub url: String,
    /// What the gateway calls it.
    pub reference: String,
    /// What the shop's page posts to `url` where it is met within that page; none where the customer goes there.
    pub creq: Option<String>,
}

/// How far the void of an authorization came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoidState {
    /// Committed before the gateway is called, or its answer is not known yet.
    Started,
    /// Let go.
    Done,
    /// The gateway refused to let go: a person has to find out why.
    Declined,
}

impl VoidState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Started, Self::Done, Self::Declined];

    /// The text form, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
            Self::Declined => "declined",
        }
    }

    /// The state with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|state| state.as_str() == text).copied()
    }
}

/// What the gateway holds, or has taken, for an approved attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// What the gateway calls it.
    pub gateway_reference: String,
    /// The network's response code.
    pub response_code: Option<String>,
    /// The acquirer.
    pub acquirer: Option<String>,
    /// Address and code checks.
    pub avs: Avs,
    /// How far a void came; none when none was begun.
    pub void: Option<VoidState>,
    /// When that void was begun.
    pub void_at: Option<Timestamp>,
}

/// One try at one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id; our reference at the gateway.
    pub id: AttemptId,
    /// 1 for the first of the intent.
    pub number: u32,
    /// The connector's name.
    pub connector: String,
    /// The routing rule that sent it there; none where none decided.
    pub rule: Option<RoutingRuleId>,
    /// What is charged.
    pub instrument: Instrument,
    /// What one may know of it.
    pub method: MethodSummary,
    /// How much is asked for; how much was approved once a person found that to be less.
    pub amount: Money,
    /// Whether it is to be taken at once.
    pub capture: bool,
    /// Whether the customer is away: part of the request, should it have to be sent again.
    pub off_session: bool,
    /// Whether the customer must authenticate; part of the request, should it have to be sent again.
    pub three_ds: ThreeDs,
    /// The exemption and agreement that it asks for; part of the request, should it have to be sent again.
    pub sca_request: ScaRequest,
    /// What is known of authentication and exemption.
    pub sca: ScaAnswer,
    /// The session of an alternative payment method that it is; none of a charge.
    pub session: Option<SessionRequest>,
    /// What became of it.
    pub status: AttemptStatus,
    /// When its last call was begun: the authorization, or the completion of its challenge.
    pub started_at: Timestamp,
    /// When its last answer came; of a challenge, when it was first demanded.
    pub answered_at: Option<Timestamp>,
    /// Why it was declined, or what is known of the error.
    pub decline: Option<Decline>,
    /// What went wrong, in words, for `error`, `unknown` and `conflict`.
    pub problem: Option<String>,
    /// The challenge of status `challenge`.
    pub challenge: Option<Challenge>,
    /// What is held or taken, once approved.
    pub authorization: Option<Authorization>,
    /// When we take what it holds; none when that is not ours to do.
    pub capture_at: Option<Timestamp>,
    /// When what it holds is let go by itself; none once nothing is held.
    pub expires_at: Option<Timestamp>,
    /// How often its outcome was pursued.
    pub checks: u32,
    /// When its outcome is pursued next; none when it is known, or a person's.
    pub next_check_at: Option<Timestamp>,
    /// Since when a person has to settle it: its outcome was not to be had, it is in conflict, or its void was refused.
    pub queued_at: Option<Timestamp>,
    /// How a person settled it, the last time.
    pub resolution: Option<Resolution>,
}

impl Attempt {
    /// Whether an answer of the gateway is being waited for.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.status, AttemptStatus::Started | AttemptStatus::Unknown)
    }

    /// Whether nothing was sent since its challenge came: only the customer can have gone on, at the gateway's own page.
    #[must_use]
    pub fn awaits_customer(&self) -> bool {
        self.challenge.is_some() && self.answered_at.is_some_and(|answered| answered >= self.started_at)
    }

    /// Whether the void of what it holds is on its way.
    #[must_use]
    pub fn is_voiding(&self) -> bool {
        self.void() == Some(VoidState::Started)
    }

    /// How far the void of what it holds came; none when none was begun.
    #[must_use]
    pub fn void(&self) -> Option<VoidState> {
        self.authorization.as_ref().and_then(|authorization| authorization.void)
    }

    /// The completion of its challenge begins: a call of its own, from which what a look-up may count on is counted.
    pub(super) fn completing(&mut self, now: Timestamp) {
        self.status = AttemptStatus::Started;
        // After the challenge, also by a clock that stands: by that one knows that something was sent.
        let after = self.answered_at.map(|answered| answered + TimeDelta::microseconds(1));
        self.started_at = after.map_or(now, |after| after.max(now));
        self.checks = 0;
        self.next_check_at = Some(now + CALL_DEADLINE);
        self.queued_at = None;
    }

    /// Our reference of the void of what this attempt holds.
    #[must_use]
    pub fn void_reference(&self) -> String {
        format!("{}/void", self.id)
    }
}
