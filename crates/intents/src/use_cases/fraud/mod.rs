//! Fraud: its rules, people's overrides, and scores that are asked for.

mod audit;
mod overrides;
mod rules;
mod score;

pub(super) use audit::{Done, audited};
pub(crate) use overrides::WantedOverride;
pub(crate) use rules::NewRule;
pub(crate) use score::ScoreRequest;
