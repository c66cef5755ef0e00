use async_trait::async_trait;
use secrecy::SecretString;

use crate::kernel::{MethodId, TenantId};

/// A saved payment method as intents needs it for one charge.
#[derive(Debug, Clone)]
pub struct ChargeableMethod {
    /// Its id.
    pub id: MethodId,
    /// Whose it is; none when it is attached to nobody.
    pub customer_id: Option<String>,
    /// The merchant account that alone may charge it; none where each of the tenant's may.
    pub merchant_account_id: Option<String>,
    /// `card`, `bank_account` …
    pub method_type: String,
    /// The card's brand (`VISA`).
    pub brand: Option<String>,
    /// The last four digits.
    pub last4: Option<String>,
    /// The month the card expires in, 1 to 12.
    pub exp_month: Option<u8>,
    /// The year the card expires in, four digits.
    pub exp_year: Option<u16>,
    /// The keyed fingerprint: equal for the same card of the same tenant.
    pub fingerprint: String,
    /// The first six digits of the card's number, when the vault saw the number.
    pub bin: Option<String>,
    /// Where the bank account is held (ISO 3166-1 alpha-2); none of anything else.
    pub account_country: Option<String>,
    /// The connectors that hold a token for the method, with that token.
    pub tokens: Vec<(String, SecretString)>,
}

/// Why a method cannot be charged.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MethodLookupError {
    /// There is no such method for this tenant, or it was deleted.
    #[error("there is no payment method {0}")]
    NotFound(MethodId),
    /// The vault cannot be reached; nothing has been tried.
    #[error("the vault is unavailable: {0}")]
    Unavailable(String),
}

/// The vault, as other services see it.
#[async_trait]
pub trait MethodVault: Send + Sync {
    /// The method with its connector tokens. Every call is a secret read and is counted as one.
    ///
    /// # Errors
    /// See [`MethodLookupError`].
    async fn method_for_charge(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError>;
}
