//! What gateways say beside yes: why not, and what their checks found.

use serde::{Deserialize, Serialize};

use super::sca::ScaAnswer;
use crate::kernel::gateway_text;

/// Why a gateway said no, in one vocabulary for all gateways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeclineCode {
    /// The issuer gave no reason (ISO 8583 05).
    DoNotHonor,
    /// Any other decline without a reason.
    CardDeclined,
    /// Not enough money (51).
    InsufficientFunds,
    /// The card is past its date (54).
    ExpiredCard,
    /// The card was reported stolen (43).
    StolenCard,
    /// The card was reported lost (41).
    LostCard,
    /// The issuer or switch cannot be reached (91).
    IssuerUnavailable,
    /// The customer failed or gave up the challenge.
    AuthenticationFailed,
    /// The customer left the challenge alone until its time was over.
    AuthenticationAbandoned,
    /// The payer went back from the gateway's page without paying.
    CustomerCanceled,
    /// A challenge is needed and could not be met.
    AuthenticationRequired,
    /// The number, code or address is wrong (14, N7).
    IncorrectData,
    /// Not allowed for this card (57, 62).
    TransactionNotAllowed,
    /// Over a limit of the card (61, 65).
    LimitExceeded,
    /// The gateway takes it for fraud (59).
    SuspectedFraud,
    /// The token is not known to the gateway.
    InvalidToken,
}

impl DeclineCode {
    /// Every code.
    pub const ALL: &'static [Self] = &[
        Self::DoNotHonor,
        Self::CardDeclined,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::StolenCard,
        Self::LostCard,
        Self::IssuerUnavailable,
        Self::AuthenticationFailed,
        Self::AuthenticationAbandoned,
        Self::CustomerCanceled,
        Self::AuthenticationRequired,
        Self::IncorrectData,
        Self::TransactionNotAllowed,
        Self::LimitExceeded,
        Self::SuspectedFraud,
        Self::InvalidToken,
    ];

    /// The text form, as in `decline_code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DoNotHonor => "do_not_honor",
            Self::CardDeclined => "card_declined",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::StolenCard => "stolen_card",
            Self::LostCard => "lost_card",
            Self::IssuerUnavailable => "issuer_unavailable",
            Self::AuthenticationFailed => "authentication_failed",
            Self::AuthenticationAbandoned => "authentication_abandoned",
            Self::CustomerCanceled => "customer_canceled",
            Self::AuthenticationRequired => "authentication_required",
            Self::IncorrectData => "incorrect_data",
            Self::TransactionNotAllowed => "transaction_not_allowed",
            Self::LimitExceeded => "limit_exceeded",
            Self::SuspectedFraud => "suspected_fraud",
            Self::InvalidToken => "invalid_token",
        }
    }

    /// The code with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|code| code.as_str() == text).copied()
    }

    /// Whether another try, perhaps at another gateway, may go through.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::DoNotHonor | Self::CardDeclined | Self::InsufficientFunds | Self::IssuerUnavailable
        )
    }

    /// Whether a tenant may have the next connector tried after it. Never after what another acquirer cannot change: a
    /// card that was lost, stolen or is over, wrong data, suspected fraud, and what the customer did or must do (that is
    /// answered by authentication, not by another gateway). Networks fine those who try such a card again.
    #[must_use]
    pub const fn may_fail_over(self) -> bool {
        match self {
            Self::DoNotHonor
            | Self::CardDeclined
            | Self::InsufficientFunds
            | Self::IssuerUnavailable
            | Self::TransactionNotAllowed
            | Self::LimitExceeded
            | Self::InvalidToken => true,
            Self::ExpiredCard
            | Self::StolenCard
            | Self::LostCard
            | Self::AuthenticationFailed
            | Self::AuthenticationAbandoned
            | Self::CustomerCanceled
            | Self::AuthenticationRequired
            | Self::IncorrectData
            | Self::SuspectedFraud => false,
        }
    }
}

/// A definite no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// Why, in our vocabulary.
    pub code: DeclineCode,
    /// The network's own code (ISO 8583 response code), when the gateway tells.
    pub network_code: Option<String>,
    /// What a person may read.
    pub message: String,
    /// What came of authentication and exemption, and what the decline left there; none when the gateway tells nothing of
    /// them.
    pub sca: Option<Box<ScaAnswer>>,
}

/// Results of address and code checks, as the gateway tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Avs {
    /// Address verification (`Y`, `N`, `U` …).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub avs_result: Option<String>,
    /// Code verification (`M`, `N`, `P` …).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cvv_result: Option<String>,
}

/// What a decline left at the gateway: by it people ask there, and see what the checks found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclinedAt {
    /// What the gateway calls what it declined.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gateway_reference: Option<String>,
    /// The acquirer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acquirer: Option<String>,
    /// Address and code checks.
    #[serde(flatten)]
    pub avs: Avs,
}

impl DeclinedAt {
    /// The same with nothing that may not be kept: no card number, and nothing that no store takes.
    pub(super) fn masked(self) -> Self {
        let kept = |text: Option<String>| text.as_deref().map(gateway_text);
        let Self { gateway_reference, acquirer, avs: Avs { avs_result, cvv_result } } = self;
        let avs = Avs { avs_result: kept(avs_result), cvv_result: kept(cvv_result) };
        Self { gateway_reference: kept(gateway_reference), acquirer: kept(acquirer), avs }
    }
}
