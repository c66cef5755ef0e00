//! Problem details (RFC 9457): every refusal that is not a business resource's own state.

mod convert;
mod details;
mod render;

use details::ProblemBody;
pub use details::{FieldError, Problem};
pub(crate) use render::PROBLEM_JSON;
