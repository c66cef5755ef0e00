//! `attempts.details`: written and read here only.

use serde::{Deserialize, Serialize};
use tender_domain::intents::Attempt;
use tender_domain::kernel::RoutingRuleId;
use tender_domain::ports::{ScaAnswer, ScaRequest, SessionRequest};

/// What few attempts have: nothing of it is looked for, so it is one document.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct DetailsJson {
    #[serde(skip_serializing_if = "ScaRequest::is_empty", default)]
    pub(super) asked: ScaRequest,
    #[serde(skip_serializing_if = "ScaAnswer::is_empty", default)]
    pub(super) told: ScaAnswer,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) session: Option<SessionRequest>,
    /// Of a challenge that is met within the shop's page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) creq: Option<String>,
    /// Read by `diagnostics.rs` too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) rule: Option<RoutingRuleId>,
}

impl DetailsJson {
    /// The details of an attempt; none when it has none.
    pub(crate) fn of(attempt: &Attempt) -> Option<Self> {
        let is_plain = attempt.sca_request.is_empty() && attempt.sca.is_empty() && attempt.session.is_none();
        let creq = attempt.challenge.as_ref().and_then(|challenge| challenge.creq.clone());
        if is_plain && attempt.rule.is_none() && creq.is_none() {
            return None;
        }
        Some(Self {
            asked: attempt.sca_request.clone(),
            told: attempt.sca.clone(),
            session: attempt.session.clone(),
            creq,
            rule: attempt.rule,
        })
    }
}
