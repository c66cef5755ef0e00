//! The refund's machine as data (contract §4): which step leads from which status to which.

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundStatus {
    /// Accepted, its amount reserved; no call of the gateway is open, and one is made later.
    Pending,
    /// The gateway was asked, or is about to be; how it ended is not known.
    Processing,
    /// The gateway wants the customer to do something first.
    RequiresAction,
    /// The money went back.
    Succeeded,
    /// Known not to have happened, or taken back after it had.
    Failed,
    /// Called off while no call of the gateway was open.
    Canceled,
}

/// What can happen to a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundStep {
    /// The gateway is about to be asked.
    Start,
    /// The call is known to have had no effect, for a reason that passes: another is made later.
    Postpone,
    /// The gateway wants the customer to act.
    AskAction,
    /// The gateway did it.
    Succeed,
    /// It is known not to have happened.
    Fail,
    /// The gateway took back that it had done it.
    Reverse,
    /// It is called off.
    Cancel,
    /// It was taken for not done, and is found to have been done after all.
    Find,
}

impl RefundStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Processing,
        Self::RequiresAction,
        Self::Succeeded,
        Self::Failed,
        Self::Canceled,
    ];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// The status with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|status| status.as_str() == text).copied()
    }

    /// Whether a refund in this status takes its amount out of what is left of the charge.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Failed | Self::Canceled)
    }

    /// The status after a step; none when the step is not allowed here.
    #[must_use]
    pub const fn after(self, step: RefundStep) -> Option<Self> {
        use RefundStatus as S;
        use RefundStep as T;
        match (self, step) {
            (S::Pending, T::Start) => Some(S::Processing),
            (S::Pending, T::Cancel) => Some(S::Canceled),
            (S::Processing, T::AskAction) => Some(S::RequiresAction),
            (S::Processing | S::RequiresAction, T::Postpone) => Some(S::Pending),
            // Pending: a call that was taken for not done was done after all.
            (S::Pending | S::Processing | S::RequiresAction, T::Succeed) => Some(S::Succeeded),
            // Pending: others took what it would have given back.
            (S::Pending | S::Processing | S::RequiresAction, T::Fail) | (S::Succeeded, T::Reverse) => {
                Some(S::Failed)
            }
            (S::Failed | S::Canceled, T::Find) => Some(S::Succeeded),
            _ => None,
        }
    }
}

impl RefundStep {
    /// Every step.
    pub const ALL: &'static [Self] = &[
        Self::Start,
        Self::Postpone,
        Self::AskAction,
        Self::Succeed,
        Self::Fail,
        Self::Reverse,
        Self::Cancel,
        Self::Find,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_status_and_step_is_decided_as_the_contract_says() {
        use RefundStatus as S;
        let no = None;
        let (start, back, done, fails) =
            (Some(S::Processing), Some(S::Pending), Some(S::Succeeded), Some(S::Failed));
        // Columns: Start, Postpone, AskAction, Succeed, Fail, Reverse, Cancel, Find.
        let table = [
            (S::Pending, [start, no, no, done, fails, no, Some(S::Canceled), no]),
            (S::Processing, [no, back, Some(S::RequiresAction), done, fails, no, no, no]),
            (S::RequiresAction, [no, back, no, done, fails, no, no, no]),
            (S::Succeeded, [no, no, no, no, no, fails, no, no]),
            (S::Failed, [no, no, no, no, no, no, no, done]),
            (S::Canceled, [no, no, no, no, no, no, no, done]),
        ];
        assert_eq!(table.map(|(status, _)| status).as_slice(), S::ALL, "every status has its row");
        for (status, row) in table {
            for (step, expected) in RefundStep::ALL.iter().zip(row) {
                assert_eq!(status.after(*step), expected, "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn a_dead_refund_lives_again_only_when_it_is_found_to_have_been_done() {
        for status in RefundStatus::ALL.iter().filter(|status| !status.is_live()) {
            for step in RefundStep::ALL.iter().filter(|step| **step != RefundStep::Find) {
                assert_eq!(status.after(*step), None, "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn every_status_survives_its_text() {
        for status in RefundStatus::ALL {
            assert_eq!(RefundStatus::find(status.as_str()), Some(*status));
        }
        assert_eq!(RefundStatus::find("SUCCEEDED"), None);
    }
}
