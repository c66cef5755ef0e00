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
}

impl Behaviour {
    const ALL: [Self; 13] = [
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
    ];

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|behaviour| behaviour.number() == number)
    }
}
