//! The simulator's messages. Amounts are integers of minor units.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Avs, Decline, DeclineCode, GatewayAnswer, Lookup, ScaAnswer, ScaRequest, SessionRequest, TokenisedCard,
};

#[derive(Serialize)]
pub(super) struct AuthorizeBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) reference: &'a str,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) capture: bool,
    pub(super) token: &'a str,
    pub(super) statement_descriptor: Option<&'a str>,
    pub(super) off_session: bool,
    pub(super) force_three_ds: bool,
    #[serde(skip_serializing_if = "ScaRequest::is_empty")]
    pub(super) sca: &'a ScaRequest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<&'a SessionRequest>,
}

#[derive(Serialize)]
pub(super) struct CaptureBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) reference: &'a str,
    pub(super) gateway_reference: &'a str,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) is_final: bool,
}

#[derive(Serialize)]
pub(super) struct VoidBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) reference: &'a str,
    pub(super) gateway_reference: &'a str,
}

#[derive(Serialize)]
pub(super) struct RefundBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) reference: &'a str,
    pub(super) gateway_reference: &'a str,
    pub(super) amount: i64,
    pub(super) currency: Currency,
}

#[derive(Serialize)]
pub(super) struct ChallengeBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) reference: &'a str,
    pub(super) result: &'a str,
}

#[derive(Serialize)]
pub(super) struct LookupBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) kind: &'static str,
    pub(super) reference: &'a str,
}

#[derive(Serialize)]
pub(super) struct TokeniseBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) card: CardBody<'a>,
}

#[derive(Serialize)]
pub(super) struct CardBody<'a> {
    pub(super) number: &'a str,
    pub(super) exp_month: u8,
    pub(super) exp_year: u16,
    pub(super) cvc: Option<&'a str>,
    pub(super) holder_name: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct InspectBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) token: &'a str,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum AnswerBody {
    Approved {
        gateway_reference: String,
        amount: i64,
        currency: Currency,
        captured: bool,
        response_code: Option<String>,
        acquirer: Option<String>,
        avs_result: Option<String>,
        cvv_result: Option<String>,
        #[serde(default)]
        sca: Option<Box<ScaAnswer>>,
    },
    Declined {
        decline_code: String,
        network_code: Option<String>,
        message: String,
        #[serde(default)]
        sca: Option<Box<ScaAnswer>>,
    },
    Challenge {
        url: String,
        challenge_reference: String,
        #[serde(default)]
        creq: Option<String>,
    },
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
            AnswerBody::Declined { decline_code, network_code, message, sca } => {
                // A decline is a definite no, also for a reason we have no word for.
                let code = DeclineCode::find(&decline_code).unwrap_or(DeclineCode::CardDeclined);
                Self::Declined(Decline { code, network_code, message, sca })
            }
            AnswerBody::Challenge { url, challenge_reference, creq } => {
                Self::Challenge { url, challenge_reference, creq }
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum LookupAnswer {
    Answered { answer: AnswerBody },
    Pending,
    NotFound,
}

impl From<LookupAnswer> for Lookup {
    fn from(answer: LookupAnswer) -> Self {
        match answer {
            LookupAnswer::Answered { answer } => Self::Answered(answer.into()),
            LookupAnswer::Pending => Self::Pending,
            LookupAnswer::NotFound => Self::NotFound,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct CardAnswer {
    token: String,
    brand: String,
    last4: String,
    exp_month: u8,
    exp_year: u16,
    card_identity: String,
}

impl From<CardAnswer> for TokenisedCard {
    fn from(card: CardAnswer) -> Self {
        Self {
            token: card.token.into(),
            brand: card.brand,
            last4: card.last4,
            exp_month: card.exp_month,
            exp_year: card.exp_year,
            card_identity: card.card_identity.into(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct InspectAnswer {
    pub(super) card: Option<CardAnswer>,
}
