//! The use cases: one verb, one file. Each loads, decides, commits and answers.

mod adopt_charge;
mod ask_gateway;
mod bulk_refunds;
mod cancel_refund;
mod cases;
mod create_refund;
mod disputes;
mod error;
mod find_charge;
mod read_refunds;
mod record_outcome;
mod refund_cancellation;
mod refund_policy;
mod resolve_refund;
mod retry;
mod retry_refund;
mod seen;
mod settle_refund;
mod take_refund;
mod uploads;

pub use cases::{CaseShown, OpenGuestDispute, ResolveGuestDispute, UpdateGuestDispute};
pub use create_refund::{Answered, CreateRefund, NamedCharge, Presenter};
pub use disputes::{
    DecideDispute, DisputeAnswered, DisputePresenter, OpenDispute, RepliesShown, SubmitEvidence, Taken,
    UpdateDispute,
};
pub use error::RefundsError;
pub(crate) use record_outcome::Asker;
pub(crate) use refund_cancellation::{Allowed, GivenUp};
pub use refund_policy::EvaluateRefundPolicy;
pub use seen::Seen;
pub use settle_refund::SettleRefund;
pub(crate) use uploads::GivenLink;
pub use uploads::{DeclareUpload, FileLink, UploadPresenter, WantedFile};
