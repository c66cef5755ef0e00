//! The refunds service: its hexagon.
//!
//! **What lives here.** The use cases (one verb, one file), the HTTP resources and storefront dialects that drive them, the consumer that
//! follows `payment.processed`, and the worker that finds out what became of refunds whose outcome is not known.
//!
//! **What never does.** SQL, Kafka, a gateway's wire format, a setting's name. The laws of refunds: they are in
//! `tender_domain::refunds`.
//!
//! **How a refund runs.** `use_cases/create_refund.rs` reserves the amount and starts the attempt in one commit, calls
//! the gateway outside of any transaction, and records the outcome in a second commit. What is unknown stays
//! `processing` and is asked for by `use_cases/resolve_refund.rs`: from the worker, when the refund is read, and when
//! the client repeats its request. What the gateway did not do for a reason that passes is `pending`, and
//! `use_cases/retry_refund.rs` makes the next call of it, under a name of its own, until it is canceled or the schedule ends.
//!
//! What no gateway tells is settled by a person, `use_cases/settle_refund.rs`.
//!
//! **How a dispute runs.** It is a part of its charge, and saved with it. `use_cases/disputes/take.rs` takes in what a
//! processor tells, once by the processor's reference; a chargeback whose charge is not known waits, and a worker looks
//! for it. People open, change and decide disputes by the use cases beside it. What they reply (evidence, or that the merchant
//! gives in) is committed first, and `workers/dispute_telling.rs` tells the processor until it has answered.
//!
//! **How people work on disputes.** Each has a case, `use_cases/cases`: a guest's is decided there, and its refund begins
//! in the change of the decision; a chargeback's shows how its processor decides.
//!
//! **How files come in.** `use_cases/uploads`: a file is declared, put by a signed link, and taken as evidence by
//! `submit_evidence`, which sees that it is what was declared. `workers/evidence_retention.rs` removes evidence that was kept
//! long enough, and files that nobody has used.
//!
//! **What gateways tell of refunds** by themselves is taken in by `use_cases/take_refund.rs`: how one of ours ended, or one that
//! a person made in a gateway's dashboard, which is adopted once by the gateway's name of it.
//!
//! **How to add a use case.** A file in `use_cases/` with a method on [`RefundsService`]: load, decide, commit, answer.
//! Then a handler in `http/` and its line in `http::routes`.

mod consumers;
mod dialects;
mod dispute_intake;
mod dispute_messages;
mod http;
mod messages;
mod ports;
mod refund_intake;
mod service;
mod storefront;
mod upload_links;
mod use_cases;
mod workers;

pub use consumers::{RefundsConsumer, RefundsOfCancellations, SettingsOfRefunds};
pub use http::routes;
pub use ports::Gateways;
pub use service::{Deps, FilePorts, RefundsOptions, RefundsService};
pub use storefront::StorefrontPorts;
pub use upload_links::UploadLinks;
pub use use_cases::{
    Answered, CaseShown, CreateRefund, DecideDispute, DeclareUpload, DisputeAnswered, DisputePresenter,
    EvaluateRefundPolicy, FileLink, NamedCharge, OpenDispute, OpenGuestDispute, Presenter, RefundsError,
    RepliesShown, ResolveGuestDispute, Seen, SettleRefund, SubmitEvidence, Taken, UpdateDispute,
    UpdateGuestDispute, UploadPresenter, WantedFile,
};
pub use workers::{
    BulkRefunds, ChargebackMatching, DisputeReminders, DisputeTelling, EvidenceRetention, RecoveredRefunds,
    RefundRecovery, RefundRetries, Removed,
};
