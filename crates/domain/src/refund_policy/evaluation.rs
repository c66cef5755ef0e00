//! An evaluation as it is kept: what was answered, and to what.

use crate::kernel::{ChargeId, DisputeId, IntentId, PolicyEvaluationId, TenantId, Timestamp};

use super::Evaluated;

/// An evaluation that was made of a payment. Written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEvaluation {
    /// Its id.
    pub id: PolicyEvaluationId,
    /// Whose.
    pub tenant: TenantId,
    /// Of which intent.
    pub intent_id: IntentId,
    /// Of which charge.
    pub charge_id: ChargeId,
    /// For which dispute, if it was made for one.
    pub dispute_id: Option<DisputeId>,
    /// What it came to.
    pub evaluated: Evaluated,
    /// When.
    pub evaluated_at: Timestamp,
}
