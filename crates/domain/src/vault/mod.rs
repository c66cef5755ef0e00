//! Saved payment methods: what may be done to one, and the rule of one default per customer.
//!
//! A method never holds a card number: it has what may be shown (brand, last four digits, expiry), a keyed
//! fingerprint, and the connectors' tokens as sealed bytes that only the vault's keys open.

mod card_check;
mod default_method;
mod details;
mod event;
mod method;
mod ports;
mod refusal;
mod state;

pub use card_check::{InvalidCard, check_card_data};
pub use default_method::{DEFAULT_METHOD, default_guards};
pub use details::{
    Address, BillingDetails, Card, Consent, InvalidDetails, MethodFingerprint, SealedTokens, check_reference,
    check_text,
};
pub use event::MethodEvent;
pub use method::{Applied, CreateMethod, MethodCommand, MethodState, PaymentMethod, UpdateMethod};
pub use ports::{CreatedRange, MethodFilter, MethodStore, VaultWrite};
pub use refusal::MethodRefusal;
pub use state::{MethodCommandKind, MethodStatus};
