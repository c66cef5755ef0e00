//! The ports: what use cases ask of the world, by role. Adapters are in crates of their own.

mod clock;
mod events;
mod gateway;
mod ids;
mod key_cache;
mod key_projection;
mod keys;
mod method_vault;
mod numbers;
mod orders;
mod rate_limit;
mod service_tokens;
mod unit_of_work;

pub use clock::Clock;
pub use events::{Consumer, Delivery, HandleError, deliver};
pub use gateway::{
    Authorize, Avs, CallKind, Capabilities, Capture, CardData, CompleteChallenge, Decline, DeclineCode,
    GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway, Refund, TokenisedCard,
    UnknownOutcome, Void,
};
pub use ids::Ids;
pub use key_cache::ApiKeyMemory;
pub use key_projection::{ApiKeyAuthority, ApiKeyProjection, ProjectedKey};
pub use keys::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup};
pub use method_vault::{ChargeableMethod, MethodLookupError, MethodVault};
pub use numbers::{NumberBook, NumberKind, NumberLookup, Numbering};
pub use orders::{Order, OrderDirectory, OrderDirectoryError, OrderStatus, Reservation};
pub use rate_limit::{RateLimit, RateLimiter, RateVerdict};
pub use service_tokens::{ServiceTokenError, ServiceTokens};
pub use unit_of_work::UnitOfWork;
