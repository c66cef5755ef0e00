//! The public messages of Tender: what other services, and yours, read from its topics.
//!
//! **What lives here.** One type for each message of the contract's topics, in the public shape (camelCase, an exact
//! decimal `amount` with `amountMinor` beside it), and the way from it to a [`Message`](tender_domain::kernel::Message)
//! and back. Every message shows the whole public state of its aggregate, with its version.
//!
//! **What never does.** How a message is carried (Kafka, outbox) and what is done with it. Private events of an
//! aggregate: they are the domain's, and are translated to these by the service that owns the aggregate.
//!
//! **How to add one.** A struct in the file of its subject, with `serde(rename_all = "camelCase")` and a `ToSchema`,
//! and an implementation of [`PublicEvent`] that says its topic, its key and its source. Fields are only ever added,
//! and what is added is optional: a message that was written once is read for ever.

mod adventures;
mod alert;
mod api_key;
mod api_key_follower;
mod audit;
mod chargeback_unmatched;
mod connector;
mod dispute;
mod notification;
mod order;
mod origins_follower;
mod payment;
mod payment_method;
mod payment_state;
mod public_event;
mod refund;
mod settings;

pub use adventures::AdventuresPaymentProcessed;
pub use alert::{AlertRaised, AlertSeverity};
pub use api_key::{ApiKeyChanged, BadKeyHash};
pub use api_key_follower::ApiKeyFollower;
pub use audit::AuditRecorded;
pub use chargeback_unmatched::ChargebackUnmatched;
pub use connector::ConnectorChanged;
pub use dispute::{ChargebackReceived, CreditNoteRequested, DisputeCreated, DisputeResolved, DisputeUpdated};
pub use notification::NotificationRequested;
pub use order::OrderChanged;
pub use origins_follower::OriginsFollower;
pub use payment::PaymentProcessed;
pub use payment_method::PaymentMethodChanged;
pub use payment_state::{
    PaymentAuthorized, PaymentCanceled, PaymentFailed, PaymentSucceeded, ReversedCapture,
};
pub use public_event::{Envelope, PublicEvent, UnreadableEvent, exact_amount};
pub use refund::{RefundFailed, RefundProcessed};
pub use settings::{AuthorizationLimit, SettingsChanged};
