use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::kernel::{MethodId, PaymentLinkId, TenantId, Timestamp};

/// A card form on a page of ours: what it is for. It may be sent once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardForm {
    /// For which tenant.
    pub tenant: TenantId,
    /// For which payment link.
    pub link: PaymentLinkId,
    /// What tells this form from every other, of 1 to 64 letters, digits, `-` or `_`.
    pub nonce: String,
    /// Whether it is about live money.
    pub livemode: bool,
    /// Until when it may be sent.
    pub expires_at: Timestamp,
}

/// A method that was made of a card form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormMethod {
    /// Its id.
    pub id: MethodId,
    /// The card's brand (`VISA`).
    pub brand: String,
    /// The last four digits.
    pub last4: String,
}

/// The vault cannot be asked; nothing has been tried.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the vault's card forms are unavailable: {0}")]
pub struct CardFormError(pub String);

/// The vault's card forms, as the hosted payment page sees them: card data goes from the browser to the vault, and the
/// page learns only the method that was made of it.
#[async_trait]
pub trait CardForms: Send + Sync {
    /// What the form carries so that the vault takes it: signed by the vault, for this form only.
    ///
    /// # Errors
    /// When the vault cannot be asked.
    async fn ticket(&self, form: &CardForm) -> Result<String, CardFormError>;

    /// The method that was made of the link's form with this nonce; none while none was.
    ///
    /// # Errors
    /// When the vault cannot be asked.
    async fn method(
        &self,
        tenant: &TenantId,
        link: PaymentLinkId,
        nonce: &str,
    ) -> Result<Option<FormMethod>, CardFormError>;
}
