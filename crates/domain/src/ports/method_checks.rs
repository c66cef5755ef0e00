//! Checks of saved methods at a gateway, which move no money but for two small deposits.

use async_trait::async_trait;
use secrecy::SecretString;

use super::decline::{Avs, Decline};
use super::gateway_error::GatewayError;
use crate::kernel::TenantId;
use crate::vault::{MethodType, ThreeDsSupport, VerificationKind};

/// Asks about one saved method.
#[derive(Debug, Clone)]
pub struct CheckMethod {
    /// For which tenant.
    pub tenant: TenantId,
    /// Our reference, the same for the same verification for ever (`pm_…/verify/1`).
    pub reference: String,
    /// Which type of method it is.
    pub method_type: MethodType,
    /// The token of the method at this gateway.
    pub token: SecretString,
}

/// What an issuer said to an authorization of nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZeroAmountAnswer {
    /// The card is good.
    Approved {
        /// The network's response code (`85`, `00`).
        response_code: Option<String>,
        /// What the checks of address and code found.
        avs: Avs,
    },
    /// It is not.
    Declined(Decline),
}

/// What became of two small deposits.
#[derive(Clone, PartialEq, Eq)]
pub enum DepositsAnswer {
    /// They are on their way to the account: their amounts in minor units of the account's currency, each 1 to
    /// [`DEPOSIT_MAX`](crate::vault::DEPOSIT_MAX). A secret between the gateway and who reads the account's statement.
    Sent([i64; 2]),
    /// The account takes none.
    Refused(Decline),
}

impl std::fmt::Debug for DepositsAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sent(_) => f.write_str("Sent(…)"),
            Self::Refused(decline) => f.debug_tuple("Refused").field(decline).finish(),
        }
    }
}

/// A gateway that checks saved methods. Each call is made outside any transaction, has a deadline of its own, and is
/// idempotent by its reference: who does not know what became of a call makes it again.
///
/// # Errors
/// See [`GatewayError`]; anything that is not a definite answer is `Unknown`.
#[async_trait]
pub trait MethodChecks: Send + Sync {
    /// Whether it verifies methods of this type so.
    fn verifies(&self, kind: VerificationKind, method_type: MethodType) -> bool;

    /// Asks the card's issuer whether the card is good, by an authorization of nothing.
    async fn authorize_nothing(&self, request: &CheckMethod) -> Result<ZeroAmountAnswer, GatewayError>;

    /// Asks whether the card's issuer takes part in 3-D Secure.
    async fn three_ds_support(&self, _request: &CheckMethod) -> Result<ThreeDsSupport, GatewayError> {
        Err(GatewayError::NotDone("it does not tell whether a card can be authenticated".to_owned()))
    }

    /// Sends two small deposits to the account. The same reference again sends nothing more, and has the same answer.
    async fn send_deposits(&self, _request: &CheckMethod) -> Result<DepositsAnswer, GatewayError> {
        Err(GatewayError::NotDone("it sends no deposits".to_owned()))
    }
}
