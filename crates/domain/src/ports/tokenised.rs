//! Card data, and what gateways make of it and of clients' tokens.

use secrecy::SecretString;

use crate::vault::{Card, MethodDetails};

/// Card data on its way to be tokenised: in memory only, printed nowhere.
#[derive(Debug, Clone)]
pub struct CardData {
    /// The card number.
    pub number: SecretString,
    /// Month of expiry, 1 to 12.
    pub exp_month: u8,
    /// Year of expiry, four digits.
    pub exp_year: u16,
    /// The verification code; serves this one tokenisation.
    pub cvc: Option<SecretString>,
    /// The name on the card.
    pub holder_name: Option<String>,
}

/// What a gateway made of card data or of a client's token.
#[derive(Debug, Clone)]
pub struct TokenisedCard {
    /// The token to charge.
    pub token: SecretString,
    /// The scheme (`VISA`).
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// Month of expiry, 1 to 12.
    pub exp_month: u8,
    /// Year of expiry, four digits.
    pub exp_year: u16,
    /// What identifies the card behind the token at this gateway, when it says so; input of our keyed fingerprint.
    pub card_identity: SecretString,
}

/// What a gateway made of bank account data, or of a client's token of any type.
#[derive(Debug, Clone)]
pub struct TokenisedMethod {
    /// The token to charge.
    pub token: SecretString,
    /// What may be shown of what is behind it.
    pub details: MethodDetails,
    /// What identifies the card or account behind the token at this gateway, when it says so; input of our keyed
    /// fingerprint.
    pub identity: SecretString,
}

impl From<TokenisedCard> for TokenisedMethod {
    fn from(card: TokenisedCard) -> Self {
        let TokenisedCard { token, brand, last4, exp_month, exp_year, card_identity } = card;
        let details = MethodDetails::Card(Card { brand, last4, exp_month, exp_year, bin: None });
        Self { token, details, identity: card_identity }
    }
}
