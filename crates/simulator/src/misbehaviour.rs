//! What a call or its callbacks can be told to do wrong, alone or several together.

use tender_domain::simulator::LateRefund;

/// One way in which the simulator misbehaves, by token or by script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Misbehaviour {
    /// Done; answered after the delay, pending until then.
    Slow,
    /// Dropped on the way: no trace of it in the books, and no answer.
    TimeoutBefore,
    /// Done; no answer.
    TimeoutAfter,
    /// Not done, no trace; answered with HTTP 500.
    ServerErrorBefore,
    /// Done; answered with HTTP 500.
    ServerErrorAfter,
    /// Done; answered with nonsense.
    Malformed,
    /// Done for one minor unit more (an authorization) or less (a capture, a refund) than asked.
    OtherAmount,
    /// The outcome is told by callback too.
    Callback,
    /// The outcome's callback is sent twice.
    CallbackDuplicate,
    /// The outcome's callback comes after the delay.
    CallbackLate,
    /// A callback of an earlier state (pending) arrives after the outcome's.
    CallbackOutOfOrder,
    /// The outcome's callback is sent before the call is answered; the answer waits for it, at most the delay.
    CallbackBeforeAnswer,
}

impl Misbehaviour {
    /// Every one.
    pub const ALL: &'static [Self] = &[
        Self::Slow,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::ServerErrorBefore,
        Self::ServerErrorAfter,
        Self::Malformed,
        Self::OtherAmount,
        Self::Callback,
        Self::CallbackDuplicate,
        Self::CallbackLate,
        Self::CallbackOutOfOrder,
        Self::CallbackBeforeAnswer,
    ];

    /// The text form, as scripts name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::TimeoutBefore => "timeout_before",
            Self::TimeoutAfter => "timeout_after",
            Self::ServerErrorBefore => "server_error_before",
            Self::ServerErrorAfter => "server_error_after",
            Self::Malformed => "malformed",
            Self::OtherAmount => "other_amount",
            Self::Callback => "callback",
            Self::CallbackDuplicate => "callback_duplicate",
            Self::CallbackLate => "callback_late",
            Self::CallbackOutOfOrder => "callback_out_of_order",
            Self::CallbackBeforeAnswer => "callback_before_answer",
        }
    }

    /// The one with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|one| one.as_str() == text).copied()
    }
}

/// How an answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nothing is heard.
    Silence,
    /// HTTP 500.
    ServerError,
    /// HTTP 200 with nonsense.
    Malformed,
}

/// What one call does beside its outcome. Of several losses the first counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The call is lost on the way, like this.
    pub(crate) lost_before: Option<Loss>,
    /// Its answer comes after the delay.
    pub(crate) slow: bool,
    /// It is done for another amount.
    pub(crate) other_amount: bool,
    /// Its answer is lost on the way back, like this.
    pub(crate) lost_after: Option<Loss>,
    /// Its outcome is told by callback.
    pub(crate) callback: bool,
    /// … twice.
    pub(crate) duplicate: bool,
    /// … after the delay.
    pub(crate) late: bool,
    /// … and before an earlier state.
    pub(crate) out_of_order: bool,
    /// … before its answer.
    pub(crate) before_answer: bool,
    /// What it takes is disputed after the delay.
    pub(crate) disputed: bool,
    /// Refunds of what it takes end late, like this.
    pub(crate) late_refunds: Option<LateRefund>,
    /// It is a refund that ends late, like this.
    pub(crate) ends_late: Option<LateRefund>,
}

impl Plan {
    /// With all of these too.
    pub(crate) fn and(mut self, all: &[Misbehaviour]) -> Self {
        for one in all {
            match one {
                Misbehaviour::Slow => self.slow = true,
                Misbehaviour::OtherAmount => self.other_amount = true,
                Misbehaviour::TimeoutBefore => self.lose_before(Loss::Silence),
                Misbehaviour::ServerErrorBefore => self.lose_before(Loss::ServerError),
                Misbehaviour::TimeoutAfter => self.lose_after(Loss::Silence),
                Misbehaviour::ServerErrorAfter => self.lose_after(Loss::ServerError),
                Misbehaviour::Malformed => self.lose_after(Loss::Malformed),
                Misbehaviour::Callback => self.callback = true,
                Misbehaviour::CallbackDuplicate => (self.callback, self.duplicate) = (true, true),
                Misbehaviour::CallbackLate => (self.callback, self.late) = (true, true),
                Misbehaviour::CallbackOutOfOrder => (self.callback, self.out_of_order) = (true, true),
                Misbehaviour::CallbackBeforeAnswer => (self.callback, self.before_answer) = (true, true),
            }
        }
        self
    }

    fn lose_before(&mut self, loss: Loss) {
        self.lost_before.get_or_insert(loss);
    }

    fn lose_after(&mut self, loss: Loss) {
        self.lost_after.get_or_insert(loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_misbehaviour_is_found_by_its_name_and_changes_the_plan() {
        for one in Misbehaviour::ALL {
            assert_eq!(Misbehaviour::find(one.as_str()), Some(*one));
            assert_ne!(Plan::default().and(&[*one]), Plan::default(), "{}", one.as_str());
        }
    }

    #[test]
    fn two_together_do_both_and_of_two_losses_the_first_counts() {
        let plan = Plan::default().and(&[Misbehaviour::Slow, Misbehaviour::CallbackLate]);
        assert!(plan.slow && plan.callback && plan.late);
        let plan = Plan::default().and(&[Misbehaviour::Malformed, Misbehaviour::TimeoutAfter]);
        assert_eq!(plan.lost_after, Some(Loss::Malformed));
    }
}
