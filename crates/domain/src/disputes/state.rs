//! The dispute's machine as data (contract §4): which step leads from which status to which.

use crate::kernel::words;

words! {
    /// Where a dispute stands.
    DisputeStatus {
        /// The money was taken; the merchant may answer until a day that is told.
        NeedsResponse = "needs_response",
        /// Answered; the network or the bank looks at it.
        UnderReview = "under_review",
        /// Decided for the merchant: the money is given back.
        Won = "won",
        /// Decided for the payer: the money stays taken.
        Lost = "lost",
        /// The merchant gave in: the money stays taken.
        Accepted = "accepted",
    }
}

/// What can happen to a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisputeStep {
    /// The merchant's answer is looked at.
    Review,
    /// It is decided for the merchant.
    Win,
    /// It is decided for the payer.
    Lose,
    /// The merchant gives in.
    Accept,
    /// What was decided is decided the other way: by a later stage of the network's procedure (arbitration).
    Overturn,
}

impl DisputeStatus {
    /// Whether nothing is decided yet.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview)
    }

    /// Whether a dispute in this status takes its amount out of what is left of the charge.
    #[must_use]
    pub const fn takes(self) -> bool {
        !matches!(self, Self::Won)
    }

    /// The status after a step; none when the step is not allowed here.
    #[must_use]
    pub const fn after(self, step: DisputeStep) -> Option<Self> {
        use DisputeStatus as S;
        use DisputeStep as T;
        match (self, step) {
            (S::NeedsResponse, T::Review) => Some(S::UnderReview),
            (S::NeedsResponse | S::UnderReview, T::Win) | (S::Lost | S::Accepted, T::Overturn) => {
                Some(S::Won)
            }
            (S::NeedsResponse | S::UnderReview, T::Lose) | (S::Won, T::Overturn) => Some(S::Lost),
            (S::NeedsResponse | S::UnderReview, T::Accept) => Some(S::Accepted),
            _ => None,
        }
    }
}

impl DisputeStep {
    /// Every step.
    pub const ALL: &'static [Self] = &[Self::Review, Self::Win, Self::Lose, Self::Accept, Self::Overturn];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_status_and_step_is_decided_as_the_contract_says() {
        use DisputeStatus as S;
        let no = None;
        // Columns: Review, Win, Lose, Accept, Overturn.
        let table = [
            (S::NeedsResponse, [Some(S::UnderReview), Some(S::Won), Some(S::Lost), Some(S::Accepted), no]),
            (S::UnderReview, [no, Some(S::Won), Some(S::Lost), Some(S::Accepted), no]),
            (S::Won, [no, no, no, no, Some(S::Lost)]),
            (S::Lost, [no, no, no, no, Some(S::Won)]),
            (S::Accepted, [no, no, no, no, Some(S::Won)]),
        ];
        assert_eq!(table.map(|(status, _)| status).as_slice(), S::ALL, "every status has its row");
        for (status, row) in table {
            for (step, expected) in DisputeStep::ALL.iter().zip(row) {
                assert_eq!(status.after(*step), expected, "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn only_what_is_decided_for_the_merchant_gives_the_amount_back() {
        for status in DisputeStatus::ALL {
            assert_eq!(status.takes(), *status != DisputeStatus::Won, "{status:?}");
            assert_eq!(DisputeStatus::find(status.as_str()), Some(*status));
        }
    }
}
