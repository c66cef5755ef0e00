use tender_domain::ports::AuthenticationStatus;
use tender_domain::simulator::LateRefund;

use crate::{Misbehaviour, ScriptedCall};

/// What the simulator does with a card or token. The numbers are in card tokens and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Behaviour {
    /// Approved, unless the amount carries a response code.
    Approve = 0,
    /// Declined without a reason.
    Decline = 1,
    /// Declined: not enough money.
    InsufficientFunds = 2,
    /// Declined: past its date.
    ExpiredCard = 3,
    /// Declined: stolen.
    StolenCard = 4,
    /// A challenge; approved when it ends with `success`.
    Challenge = 5,
    /// A challenge that fails whatever it ends with.
    ChallengeFail = 6,
    /// Approved after the delay; pending until then.
    Slow = 7,
    /// Never done; after the delay the answer is unknown.
    TimeoutBefore = 8,
    /// Done; after the delay the answer is unknown.
    TimeoutAfter = 9,
    /// The call itself is refused; not done.
    Error = 10,
    /// Approved for one minor unit more than asked.
    WrongAmount = 11,
    /// Approved, to be disputed afterwards.
    Dispute = 12,
    /// Approved; the answer is HTTP 500.
    ServerError = 13,
    /// Approved; the answer is nonsense.
    Malformed = 14,
    /// Approved; the callback comes twice.
    CallbackDuplicate = 15,
    /// Approved; the callback comes after the delay.
    CallbackLate = 16,
    /// Approved; a callback of an earlier state comes after that of the outcome.
    CallbackOutOfOrder = 17,
    /// Approved; the callback comes before the answer.
    CallbackBeforeAnswer = 18,
    /// Approved; the answer is lost, and a callback tells it.
    CallbackOnly = 19,
    /// Authenticated without a challenge, and approved.
    Frictionless = 20,
    /// The issuer takes no part in authentication and stands by it; approved.
    AuthenticationAttempted = 21,
    /// Authentication could not be done; approved at the merchant's risk.
    AuthenticationUnavailable = 22,
    /// The issuer could not authenticate the customer; declined.
    NotAuthenticated = 23,
    /// The issuer rejected the authentication; declined.
    AuthenticationRejected = 24,
    /// Declined until authentication is asked for; then a challenge.
    SoftDecline = 25,
    /// A challenge where an exemption is asked for; else approved.
    ExemptionRefused = 26,
    /// Approved; refunds are pending, and then done.
    RefundPending = 27,
    /// Approved; refunds are pending, and then refused.
    RefundFails = 28,
    /// Approved; refunds are done, and then taken back.
    RefundTakenBack = 29,
    /// Approved; the first refund is refused for a reason that passes.
    RefundRetried = 30,
    /// Approved; refunds are refused, for the merchant's balance does not suffice.
    RefundUnfunded = 31,
    /// Approved; the answer is lost, and the first look-up is answered with HTTP 500.
    LookupFails = 32,
    /// Approved; the answer is lost, and the first look-up tells another amount.
    LookupOtherAmount = 33,
    /// A challenge like [`Self::Challenge`]; the answer to its completion is lost.
    ChallengeAnswerLost = 34,
    /// Approved; refunds wait for the customer to act, and are then done.
    RefundNeedsAction = 35,
}

impl Behaviour {
    /// Every behaviour.
    pub const ALL: [Self; 36] = [
        Self::Approve,
        Self::Decline,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::StolenCard,
        Self::Challenge,
        Self::ChallengeFail,
        Self::Slow,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::Error,
        Self::WrongAmount,
        Self::Dispute,
        Self::ServerError,
        Self::Malformed,
        Self::CallbackDuplicate,
        Self::CallbackLate,
        Self::CallbackOutOfOrder,
        Self::CallbackBeforeAnswer,
        Self::CallbackOnly,
        Self::Frictionless,
        Self::AuthenticationAttempted,
        Self::AuthenticationUnavailable,
        Self::NotAuthenticated,
        Self::AuthenticationRejected,
        Self::SoftDecline,
        Self::ExemptionRefused,
        Self::RefundPending,
        Self::RefundFails,
        Self::RefundTakenBack,
        Self::RefundRetried,
        Self::RefundUnfunded,
        Self::LookupFails,
        Self::LookupOtherAmount,
        Self::ChallengeAnswerLost,
        Self::RefundNeedsAction,
    ];

    /// The text form, as the faucet takes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::StolenCard => "stolen_card",
            Self::Challenge => "challenge",
            Self::ChallengeFail => "challenge_fail",
            Self::Slow => "slow",
            Self::TimeoutBefore => "timeout_before",
            Self::TimeoutAfter => "timeout_after",
            Self::Error => "error",
            Self::WrongAmount => "wrong_amount",
            Self::Dispute => "dispute",
            Self::ServerError => "server_error",
            Self::Malformed => "malformed",
            Self::CallbackDuplicate => "callback_duplicate",
            Self::CallbackLate => "callback_late",
            Self::CallbackOutOfOrder => "callback_out_of_order",
            Self::CallbackBeforeAnswer => "callback_before_answer",
            Self::CallbackOnly => "callback_only",
            Self::Frictionless => "frictionless",
            Self::AuthenticationAttempted => "authentication_attempted",
            Self::AuthenticationUnavailable => "authentication_unavailable",
            Self::NotAuthenticated => "not_authenticated",
            Self::AuthenticationRejected => "authentication_rejected",
            Self::SoftDecline => "soft_decline",
            Self::ExemptionRefused => "exemption_refused",
            Self::RefundPending => "refund_pending",
            Self::RefundFails => "refund_fails",
            Self::RefundTakenBack => "refund_taken_back",
            Self::RefundRetried => "refund_retried",
            Self::RefundUnfunded => "refund_unfunded",
            Self::LookupFails => "lookup_fails",
            Self::LookupOtherAmount => "lookup_other_amount",
            Self::ChallengeAnswerLost => "challenge_answer_lost",
            Self::RefundNeedsAction => "refund_needs_action",
        }
    }

    /// The behaviour with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|behaviour| behaviour.as_str() == text)
    }

    /// What goes wrong with a call beside its outcome.
    pub(crate) const fn misbehaves(self) -> &'static [Misbehaviour] {
        match self {
            Self::Slow => &[Misbehaviour::Slow],
            // Booked as refused, so that it is never done, also when it arrives again.
            Self::TimeoutBefore | Self::TimeoutAfter | Self::LookupFails | Self::LookupOtherAmount => {
                &[Misbehaviour::TimeoutAfter]
            }
            Self::WrongAmount => &[Misbehaviour::OtherAmount],
            Self::ServerError => &[Misbehaviour::ServerErrorAfter],
            Self::Malformed => &[Misbehaviour::Malformed],
            Self::CallbackDuplicate => &[Misbehaviour::CallbackDuplicate],
            Self::CallbackLate => &[Misbehaviour::CallbackLate],
            Self::CallbackOutOfOrder => &[Misbehaviour::CallbackOutOfOrder],
            Self::CallbackBeforeAnswer => &[Misbehaviour::CallbackBeforeAnswer],
            Self::CallbackOnly => &[Misbehaviour::TimeoutAfter, Misbehaviour::Callback],
            _ => &[],
        }
    }

    /// What goes wrong with the first later call of a kind about its authorization.
    pub(crate) const fn misbehaves_later(self) -> Option<(ScriptedCall, Misbehaviour)> {
        match self {
            Self::LookupFails => Some((ScriptedCall::Lookup, Misbehaviour::ServerErrorAfter)),
            Self::LookupOtherAmount => Some((ScriptedCall::Lookup, Misbehaviour::OtherAmount)),
            Self::ChallengeAnswerLost => Some((ScriptedCall::Challenge, Misbehaviour::TimeoutAfter)),
            _ => None,
        }
    }

    /// How refunds of what it pays end, when they are not simply done.
    pub(crate) const fn late_refunds(self) -> Option<LateRefund> {
        match self {
            Self::RefundPending => Some(LateRefund::Succeeds),
            Self::RefundFails => Some(LateRefund::Fails),
            Self::RefundTakenBack => Some(LateRefund::TakenBack),
            Self::RefundRetried => Some(LateRefund::Retried),
            Self::RefundUnfunded => Some(LateRefund::Unfunded),
            Self::RefundNeedsAction => Some(LateRefund::NeedsAction),
            _ => None,
        }
    }

    /// How an authentication with it ends that needs no challenge; none where none is made, or by challenge.
    pub(crate) const fn authenticates(self) -> Option<AuthenticationStatus> {
        match self {
            Self::Frictionless => Some(AuthenticationStatus::Y),
            Self::AuthenticationAttempted => Some(AuthenticationStatus::A),
            Self::AuthenticationUnavailable => Some(AuthenticationStatus::U),
            Self::NotAuthenticated => Some(AuthenticationStatus::N),
            Self::AuthenticationRejected => Some(AuthenticationStatus::R),
            _ => None,
        }
    }

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|behaviour| behaviour.number() == number)
    }
}
