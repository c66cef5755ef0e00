//! The ports: what use cases ask of the world, by role. Adapters are in crates of their own.

mod callback;
mod capabilities;
mod card_forms;
mod clock;
mod decline;
mod dispute_replies;
mod events;
mod gateway;
mod gateway_error;
mod ids;
mod key_cache;
mod key_encryption;
mod key_projection;
mod keys;
mod method_checks;
mod method_vault;
mod notifier;
mod numbers;
mod orders;
mod origins;
mod payer;
mod rate_limit;
mod sandbox;
mod sca;
mod service_tokens;
mod settlement_report;
mod tokenised;
mod unit_of_work;
mod webhooks;

pub use callback::{
    CALLBACK_TOLERANCE, CallEnd, CallbackFault, CallbackHeaders, CallbackIntake, CallbackRefusal,
    GatewayEvent, GatewayFact, OutsideCapture, OutsideRefund,
};
pub use capabilities::{Capabilities, NEVER_FINAL, UnknownOutcome};
pub use card_forms::{CardForm, CardFormError, CardForms, FormMethod};
pub use clock::Clock;
pub use decline::{Avs, Decline, DeclineCode, DeclinedAt};
pub use dispute_replies::{DisputeReplies, FileToSend, HandedIn, ReplyAnswer, ReplyTo};
pub use events::{Consumer, Delivery, HandleError, deliver};
pub use gateway::{
    Authorize, CallKind, Capture, CompleteChallenge, GatewayAnswer, Lookup, LookupRequest, PaymentGateway,
    Refund, ThreeDs, Void,
};
pub use gateway_error::GatewayError;
pub use ids::Ids;
pub use key_cache::ApiKeyMemory;
pub use key_encryption::{DATA_KEY_BYTES, KeyEncryption, KeyEncryptionError, WrappedKey};
pub use key_projection::{ApiKeyAuthority, ApiKeyProjection, ProjectedKey};
pub use keys::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup};
pub use method_checks::{CheckMethod, DepositsAnswer, MethodChecks, ZeroAmountAnswer};
pub use method_vault::{ChargeableMethod, MethodLookupError, MethodVault};
pub use notifier::{Notice, NoticeChannel, Notifier, NotifyError};
pub use numbers::{NumberBook, NumberKind, NumberLookup, Numbering};
pub use orders::{Order, OrderDirectory, OrderDirectoryError, OrderStatus, Reservation};
pub use origins::OriginMemory;
pub use payer::{Address, Browser, Contact, Payer};
pub use rate_limit::{RateLimit, RateLimiter, RateVerdict};
pub use sandbox::{RaiseEvent, SandboxCard, SandboxError, SandboxEventKind, SandboxGateway};
pub use sca::{
    Agreement, AgreementKind, Authentication, AuthenticationFlow, AuthenticationStatus, Exemption, ScaAnswer,
    ScaRequest, SessionFlow, SessionPage, SessionRequest,
};
pub use service_tokens::{ServiceTokenError, ServiceTokens};
pub use settlement_report::{
    ReportsBy, SettlementKind, SettlementPage, SettlementReports, SettlementRequest, SettlementRow,
};
pub use tokenised::{CardData, TokenisedCard, TokenisedMethod};
pub use unit_of_work::UnitOfWork;
pub use webhooks::{Webhook, WebhookSender};
