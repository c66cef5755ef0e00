//! Answers as they are sent, directly or by callback.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::{Avs, Decline, DeclineCode, GatewayAnswer, ScaAnswer};

/// An answer. Amounts are integers of minor units.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum AnswerBody {
    Approved {
        gateway_reference: String,
        amount: i64,
        currency: Currency,
        captured: bool,
        response_code: Option<String>,
        acquirer: Option<String>,
        avs_result: Option<String>,
        cvv_result: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        sca: Option<Box<ScaAnswer>>,
    },
    Declined {
        decline_code: String,
        network_code: Option<String>,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        sca: Option<Box<ScaAnswer>>,
    },
    Challenge {
        url: String,
        challenge_reference: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        creq: Option<String>,
    },
}

impl From<GatewayAnswer> for AnswerBody {
    fn from(answer: GatewayAnswer) -> Self {
        match answer {
            GatewayAnswer::Approved {
                gateway_reference,
                amount,
                captured,
                response_code,
                acquirer,
                avs,
                sca,
            } => Self::Approved {
                gateway_reference,
                amount: amount.minor(),
                currency: amount.currency(),
                captured,
                response_code,
                acquirer,
                avs_result: avs.avs_result,
                cvv_result: avs.cvv_result,
                sca,
            },
            GatewayAnswer::Declined(decline) => Self::Declined {
                decline_code: decline.code.as_str().to_owned(),
                network_code: decline.network_code,
                message: decline.message,
                sca: decline.sca,
            },
            GatewayAnswer::Challenge { url, challenge_reference, creq } => {
                Self::Challenge { url, challenge_reference, creq }
            }
        }
    }
}

impl From<AnswerBody> for GatewayAnswer {
    fn from(body: AnswerBody) -> Self {
        match body {
            AnswerBody::Approved {
                gateway_reference,
                amount,
                currency,
                captured,
                response_code,
                acquirer,
                avs_result,
                cvv_result,
                sca,
            } => Self::Approved {
                gateway_reference,
                amount: Money::new(amount, currency),
                captured,
                response_code,
                acquirer,
                avs: Avs { avs_result, cvv_result },
                sca,
            },
            AnswerBody::Declined { decline_code, network_code, message, sca } => Self::Declined(Decline {
                code: DeclineCode::find(&decline_code).unwrap_or(DeclineCode::CardDeclined),
                network_code,
                message,
                sca,
            }),
            AnswerBody::Challenge { url, challenge_reference, creq } => {
                Self::Challenge { url, challenge_reference, creq }
            }
        }
    }
}
