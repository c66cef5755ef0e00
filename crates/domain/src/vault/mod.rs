//! Saved payment methods: what may be done to one, and the rule of one default per customer.
//!
//! A method never holds a card's or an account's number: it has what may be shown (brand, last four digits, expiry), a keyed
//! fingerprint, and the connectors' tokens as sealed bytes that only the vault's keys open.

mod access;
mod attestation;
mod bank_data;
mod card_check;
mod connector_secret;
mod data_key;
mod default_method;
mod details;
mod event;
mod expiry;
mod mandate;
mod method;
mod method_details;
mod method_terms;
mod method_type;
mod ports;
mod refusal;
mod rotation;
mod state;
mod verification;

pub use access::{
    AccessFilter, AccessLog, ReadPurpose, Reader, SECRET_READS_KEPT_AT_LEAST, SecretOf, SecretRead,
};
pub use attestation::{
    AttestationStore, CardNumberScan, ReadCount, SCAN_FINDINGS_MAX, ScanFinding, ScannedRow,
    shows_card_number,
};
pub use bank_data::{AccountNumber, BankData, InvalidBankData};
pub use card_check::{InvalidCard, check_card_data};
pub use connector_secret::{ConnectorSecret, SECRET_SEALED_BY_RETIRED_KEY};
pub use data_key::{DATA_KEY_NUMBER, DataKey, DataKeyState, KeyPurpose, SEALED_BY_RETIRED_KEY};
pub use default_method::{DEFAULT_METHOD, INSTRUMENT, MANDATE_REFERENCE, instrument_guards, method_guards};
pub use details::{
    Address, BillingDetails, Card, Consent, InvalidDetails, MethodFingerprint, SealedTokens, SealingKey,
    check_reference, check_text,
};
pub use event::MethodEvent;
pub use expiry::ExpiryNotice;
pub use mandate::{InvalidMandate, Mandate, MandateSequence, check_mandate_reference, own_mandate_reference};
pub use method::{Applied, CreateMethod, MethodCommand, MethodState, PaymentMethod, UpdateMethod};
pub use method_details::{BankAccount, MethodDetails, PaypalAccount};
pub use method_terms::MethodTerms;
pub use method_type::MethodType;
pub use ports::{CreatedRange, KeyStore, MethodFilter, MethodStore, MonthRange, VaultWrite};
pub use refusal::MethodRefusal;
pub use rotation::{KeyRotation, ROTATION_FAILURES_MAX, RUNNING_ROTATION, RotationFailure, RotationStatus};
pub use state::{MethodCommandKind, MethodStatus};
pub use verification::{
    DEPOSIT_MAX, DEPOSIT_TRIES_MAX, DEPOSITS_LIFE, Enrolment, ThreeDsSupport, Verification,
    VerificationAnswer, VerificationKind, VerificationResult, VerificationStatus, VerificationStep,
};
