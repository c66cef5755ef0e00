//! `intents.last_payment_error`: written and read here only.

use serde::{Deserialize, Serialize};
use tender_domain::intents::PaymentError;
use tender_domain::kernel::{AttemptId, FraudDecisionId};
use tender_domain::ports::{Decline, DeclineCode};

/// Why the last attempt failed, as the column keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PaymentErrorJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<AttemptId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline: Option<DeclineJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fraud: Option<FraudDecisionId>,
    message: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct DeclineJson {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_code: Option<String>,
    message: String,
}

impl From<&PaymentError> for PaymentErrorJson {
    fn from(error: &PaymentError) -> Self {
        let decline = error.decline.as_ref().map(|decline| DeclineJson {
            code: decline.code.as_str().to_owned(),
            network_code: decline.network_code.clone(),
            message: decline.message.clone(),
        });
        Self { attempt: error.attempt, decline, fraud: error.fraud, message: error.message.clone() }
    }
}

impl TryFrom<PaymentErrorJson> for PaymentError {
    /// What is wrong with it.
    type Error = String;

    fn try_from(json: PaymentErrorJson) -> Result<Self, String> {
        let decline = json.decline.map(|decline| match DeclineCode::find(&decline.code) {
            Some(code) => {
                Ok(Decline { code, network_code: decline.network_code, message: decline.message, sca: None })
            }
            None => Err(format!("`{}` is not known", decline.code)),
        });
        Ok(Self {
            attempt: json.attempt,
            decline: decline.transpose()?,
            fraud: json.fraud,
            message: json.message,
        })
    }
}
