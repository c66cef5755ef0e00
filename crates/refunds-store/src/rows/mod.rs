//! Rows as stored, and their way to the domain.

mod case;
mod charge;
mod column;
mod dispute;
mod refund;
mod reply;
mod resolution;
mod upload;

pub(crate) use case::{CaseFileRow, DueRow, TiersRow};
pub(crate) use charge::ChargeRow;
pub(crate) use column::{Place, get};
pub(crate) use dispute::{DisputeRow, EntryRow, IntakeRow};
pub(crate) use refund::{REFUND_COLUMNS, RefundRow};
pub(crate) use reply::{EvidenceJson, ExpiredRow, FileJson, ReplyRow};
pub(crate) use resolution::ResolutionJson;
pub(crate) use upload::UploadRow;
