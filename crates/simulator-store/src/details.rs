//! `operations.details`: written and read here only.

use serde::{Deserialize, Serialize};
use tender_domain::ports::{ScaAnswer, SessionRequest};
use tender_domain::simulator::BookedOperation;

/// What few operations have.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DetailsJson {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) sca: Option<Box<ScaAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) session: Option<Box<SessionRequest>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) return_url: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) embeds: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) late_refunds: Option<String>,
}

impl DetailsJson {
    /// The details of an operation as JSON; none when it has none.
    pub(crate) fn of(operation: &BookedOperation) -> Option<String> {
        let details = Self {
            sca: operation.sca.clone(),
            session: operation.session.clone(),
            return_url: operation.return_url.clone(),
            embeds: operation.embeds,
            late_refunds: operation.late_refunds.map(|word| word.as_str().to_owned()),
        };
        let none = details == Self::default();
        (!none).then(|| serde_json::to_string(&details).expect("texts and instants have a JSON form"))
    }
}
