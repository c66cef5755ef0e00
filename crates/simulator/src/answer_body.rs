//! Answers as they are sent, directly or by callback.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::{Avs, Decline, DeclineCode, GatewayAnswer};

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
    },
    Declined {
        decline_code: String,
        network_code: Option<String>,
        message: String,
    },
    Challenge {
        url: String,
        challenge_reference: String,
    },
}

impl From<GatewayAnswer> for AnswerBody {
    fn from(answer: GatewayAnswer) -> Self {
        match answer {
            GatewayAnswer::Approved { gateway_reference, amount, captured, response_code, acquirer, avs } => {
                Self::Approved {
                    gateway_reference,
                    amount: amount.minor(),
                    currency: amount.currency(),
                    captured,
                    response_code,
                    acquirer,
                    avs_result: avs.avs_result,
                    cvv_result: avs.cvv_result,
                }
            }
            GatewayAnswer::Declined(decline) => Self::Declined {
                decline_code: decline.code.as_str().to_owned(),
                network_code: decline.network_code,
                message: decline.message,
            },
            GatewayAnswer::Challenge { url, challenge_reference } => {
                Self::Challenge { url, challenge_reference }
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
            } => Self::Approved {
                gateway_reference,
                amount: Money::new(amount, currency),
                captured,
                response_code,
                acquirer,
                avs: Avs { avs_result, cvv_result },
            },
            AnswerBody::Declined { decline_code, network_code, message } => Self::Declined(Decline {
                code: DeclineCode::find(&decline_code).unwrap_or(DeclineCode::CardDeclined),
                network_code,
                message,
            }),
            AnswerBody::Challenge { url, challenge_reference } => {
                Self::Challenge { url, challenge_reference }
            }
        }
    }
}
