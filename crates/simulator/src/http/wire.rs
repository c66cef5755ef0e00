//! The simulator's messages, as they are sent. Amounts are integers of minor units.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, CallKind, Capture, CardData, CompleteChallenge, Lookup, LookupRequest, Payer, Refund,
    ScaRequest, SessionRequest, ThreeDs, TokenisedCard, Void,
};

use crate::answer_body::AnswerBody;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorizeBody {
    tenant: TenantId,
    reference: String,
    amount: i64,
    currency: Currency,
    capture: bool,
    token: String,
    statement_descriptor: Option<String>,
    #[serde(default)]
    off_session: bool,
    #[serde(default)]
    force_three_ds: bool,
    #[serde(default)]
    sca: ScaRequest,
    #[serde(default)]
    session: Option<SessionRequest>,
}

impl From<AuthorizeBody> for Authorize {
    fn from(body: AuthorizeBody) -> Self {
        Self {
            tenant: body.tenant,
            reference: body.reference,
            amount: Money::new(body.amount, body.currency),
            capture: body.capture,
            token: body.token.into(),
            statement_descriptor: body.statement_descriptor,
            off_session: body.off_session,
            three_ds: if body.force_three_ds { ThreeDs::Force } else { ThreeDs::Automatic },
            sca: body.sca,
            // The simulated gateway needs nobody's name: it is not sent to it.
            payer: Payer::default(),
            session: body.session,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaptureBody {
    tenant: TenantId,
    reference: String,
    gateway_reference: String,
    amount: i64,
    currency: Currency,
    is_final: bool,
}

impl From<CaptureBody> for Capture {
    fn from(body: CaptureBody) -> Self {
        Self {
            tenant: body.tenant,
            reference: body.reference,
            gateway_reference: body.gateway_reference,
            amount: Money::new(body.amount, body.currency),
            is_final: body.is_final,
            is_again: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoidBody {
    tenant: TenantId,
    reference: String,
    gateway_reference: String,
}

impl From<VoidBody> for Void {
    fn from(body: VoidBody) -> Self {
        Self { tenant: body.tenant, reference: body.reference, gateway_reference: body.gateway_reference }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundBody {
    tenant: TenantId,
    reference: String,
    gateway_reference: String,
    amount: i64,
    currency: Currency,
}

impl From<RefundBody> for Refund {
    fn from(body: RefundBody) -> Self {
        Self {
            tenant: body.tenant,
            reference: body.reference,
            gateway_reference: body.gateway_reference,
            amount: Money::new(body.amount, body.currency),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChallengeBody {
    tenant: TenantId,
    reference: String,
    result: String,
}

impl From<ChallengeBody> for CompleteChallenge {
    fn from(body: ChallengeBody) -> Self {
        // The simulator knows a challenge by the reference of what was challenged.
        let challenge_reference = String::new();
        Self { tenant: body.tenant, reference: body.reference, challenge_reference, result: body.result }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindBody {
    Authorize,
    Capture,
    Void,
    Refund,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupBody {
    tenant: TenantId,
    kind: KindBody,
    reference: String,
}

impl From<LookupBody> for LookupRequest {
    fn from(body: LookupBody) -> Self {
        let kind = match body.kind {
            KindBody::Authorize => CallKind::Authorize,
            KindBody::Capture => CallKind::Capture,
            KindBody::Void => CallKind::Void,
            KindBody::Refund => CallKind::Refund,
        };
        Self { tenant: body.tenant, kind, reference: body.reference }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokeniseBody {
    pub(crate) tenant: TenantId,
    pub(crate) card: CardBody,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardBody {
    number: String,
    exp_month: u8,
    exp_year: u16,
    cvc: Option<String>,
    holder_name: Option<String>,
}

impl From<CardBody> for CardData {
    fn from(body: CardBody) -> Self {
        Self {
            number: body.number.into(),
            exp_month: body.exp_month,
            exp_year: body.exp_year,
            cvc: body.cvc.map(Into::into),
            holder_name: body.holder_name,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InspectBody {
    pub(crate) tenant: TenantId,
    pub(crate) token: String,
}

/// A card behind a token; the token itself is a secret, but this is the way it reaches its owner.
#[derive(Serialize)]
pub(crate) struct CardAnswer {
    token: String,
    brand: String,
    last4: String,
    exp_month: u8,
    exp_year: u16,
    card_identity: String,
}

impl From<TokenisedCard> for CardAnswer {
    fn from(card: TokenisedCard) -> Self {
        use secrecy::ExposeSecret;
        Self {
            token: card.token.expose_secret().to_owned(),
            brand: card.brand,
            last4: card.last4,
            exp_month: card.exp_month,
            exp_year: card.exp_year,
            card_identity: card.card_identity.expose_secret().to_owned(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct InspectAnswer {
    pub(crate) card: Option<CardAnswer>,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum LookupAnswer {
    Answered { answer: AnswerBody },
    Pending,
    NotFound,
}

impl From<Lookup> for LookupAnswer {
    fn from(lookup: Lookup) -> Self {
        match lookup {
            Lookup::Answered(answer) => Self::Answered { answer: answer.into() },
            Lookup::Pending => Self::Pending,
            Lookup::NotFound => Self::NotFound,
        }
    }
}
