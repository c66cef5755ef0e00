//! What every service shares: money, ids, versions, pages, callers, changes, events, limits, text rules.
//!
//! Nothing here knows a service. Add a thing only when two services need the same law.

mod audited_read;
mod caller;
mod change;
mod currency;
mod event;
mod id;
mod idempotency;
mod job_owner;
mod limits;
mod money;
mod page;
mod spread;
mod tenant;
mod text;
mod time;
mod version;
mod words;

pub use caller::{Caller, Credential, RoleName, Scope, ScopeSet, UnknownScope};
pub use change::{Change, CommitError, Committed, Guard, InboxEntry, Lane, Save, StoreError};
pub use currency::{Currency, UnknownCurrency};
pub use event::{EventId, Message, Topic};
pub use id::{
    AttemptId, AttemptKind, AuthorizationId, AuthorizationKind, CallbackId, CallbackKind, CaptureId,
    CaptureKind, ChargeId, ChargeKind, ConnectorId, ConnectorKind, ConnectorLogId, ConnectorLogKind,
    CreditAdjustmentId, CreditAdjustmentKind, DataKeyId, DataKeyKind, DisputeId, DisputeKind,
    FraudDecisionId, FraudDecisionKind, FraudOverrideId, FraudOverrideKind, FraudRuleId, FraudRuleKind, Id,
    IdKind, IntakeId, IntakeKind, IntentId, IntentKind, JobId, JobKind, KeyId, KeyKind, LedgerEntryId,
    LedgerEntryKind, MandateId, MandateKind, MethodId, MethodKind, NotificationId, NotificationKind,
    ParseIdError, PaymentLinkId, PaymentLinkKind, PolicyEvaluationId, PolicyEvaluationKind, RefundId,
    RefundKind, RoutingRuleId, RoutingRuleKind, SecretReadId, SecretReadKind, SessionId, SessionKind,
    UploadId, UploadKind,
};
pub use idempotency::{Answer, KeyRecord, KeyScope, KeyState, KeyWrite, RequestFingerprint};
pub use job_owner::JobOwner;
pub use limits::Limits;
pub use money::{Money, MoneyError};
pub use page::{Cursor, Direction, InvalidPage, Page, PageRequest};
pub use spread::spread;
pub use tenant::{InvalidTenant, TenantId};
pub use text::{
    CardNumberDetected, InvalidMetadata, Metadata, find_card_number, gateway_text, mask_card_numbers,
};
pub use time::{Timestamp, to_micros};
pub use version::Version;
pub(crate) use words::words;
