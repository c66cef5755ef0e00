//! `/internal/refunds`: what gateways tell of refunds, handed over by intents.

use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money, RefundId};
use tender_domain::ports::{Avs, CallEnd, Decline, DeclineCode, GatewayAnswer, OutsideRefund};
use tender_domain::refunds::{RefundCall, RefundNews, RefundTaken, ToldRefund};
use tender_http::{Authorized, Command, Problem, respond, scopes};
use utoipa::ToSchema;

use super::refunds::Service;

/// What a gateway told of a refund.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ToldRefund)]
pub(super) struct ToldRefundBody {
    /// The connector whose word it is.
    connector: String,
    /// The refund, when we asked for it; else it was made in the gateway's dashboard.
    #[schema(value_type = Option<String>, example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    refund_id: Option<RefundId>,
    /// Which of its calls, from 1; the first when it is not there.
    attempt: Option<u32>,
    /// What the gateway calls the payment; of one that was made in its dashboard.
    charge_reference: Option<String>,
    /// How it ended.
    #[schema(value_type = String, example = "done")]
    end: EndWord,
    /// What the gateway calls the refund; of one that is `done` or `taken_back`, or was made in its dashboard.
    gateway_reference: Option<String>,
    /// In minor units; of one that is `done`, or was made in the gateway's dashboard.
    amount: Option<i64>,
    /// ISO 4217 code.
    #[schema(value_type = Option<String>, example = "EUR")]
    currency: Option<Currency>,
    /// Why it was not done, in the gateways' vocabulary; of one that was `declined` or `taken_back`.
    decline_code: Option<String>,
    /// The network's own code for that.
    network_code: Option<String>,
    /// The same for a person.
    message: Option<String>,
    /// Where the customer goes, when the end is `action_required`; empty where the gateway has written to the customer.
    url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndWord {
    Done,
    Declined,
    NotDone,
    TakenBack,
    ActionRequired,
}

/// What became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RefundTaken)]
pub(super) struct RefundTakenBody {
    /// `applied`, `known`, or `unmatched`: there is no such refund of this connector.
    #[schema(value_type = String, example = "applied")]
    taken: &'static str,
    /// Why it is unmatched.
    note: Option<String>,
}

/// Takes in what a gateway told of a refund by a callback.
///
/// The same again changes nothing.
#[utoipa::path(
    operation_id = "take_told_refund",
    tag = "internal",
    path = "/internal/refunds",
    request_body = ToldRefundBody,
    responses(
        (status = 200, description = "What became of it", body = RefundTakenBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 409, description = "`refund_contradiction`: it contradicts what is known", body = Problem),
        (status = 503, description = "`charge_not_yet_known`, or it cannot be taken in now", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[post("/internal/refunds")]
pub(super) async fn take_told(
    caller: Authorized<scopes::ServiceInternal>,
    command: Command<ToldRefundBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let told: ToldRefund = command.body.try_into()?;
    let (taken, note) = match service.take_told_refund(&caller.tenant, &told).await? {
        RefundTaken::Applied => ("applied", None),
        RefundTaken::Known => ("known", None),
        RefundTaken::Unmatched(why) => ("unmatched", Some(why)),
    };
    Ok(respond(&tender_http::keep(200, &RefundTakenBody { taken, note })))
}

impl TryFrom<ToldRefundBody> for ToldRefund {
    type Error = Problem;

    fn try_from(body: ToldRefundBody) -> Result<Self, Problem> {
        let news = match (body.refund_id, &body.charge_reference) {
            (Some(refund), None) => {
                let call = RefundCall { refund, number: body.attempt.unwrap_or(1) };
                RefundNews::Ours { call, end: body.end()? }
            }
            (None, Some(charge)) => RefundNews::Outside(body.outside(charge.clone())?),
            _ => {
                let detail = "name either the refund or the payment";
                return Err(Problem::bad_request("invalid_refund", detail).pointer("/refund_id", detail));
            }
        };
        Ok(Self { connector: body.connector, news })
    }
}

impl ToldRefundBody {
    fn end(&self) -> Result<CallEnd, Problem> {
        Ok(match self.end {
            EndWord::Done => CallEnd::Answered(GatewayAnswer::Approved {
                gateway_reference: self.gateway_reference()?,
                amount: self.amount()?,
                captured: false,
                response_code: None,
                acquirer: None,
                avs: Avs::default(),
                sca: None,
            }),
            EndWord::Declined => CallEnd::Answered(GatewayAnswer::Declined(self.decline()?)),
            EndWord::NotDone => CallEnd::NotDone(there("/message", self.message.as_ref())?),
            EndWord::TakenBack => {
                CallEnd::TakenBack { gateway_reference: self.gateway_reference()?, why: self.decline()? }
            }
            EndWord::ActionRequired => CallEnd::Answered(GatewayAnswer::Challenge {
                url: there("/url", self.url.as_ref())?,
                challenge_reference: String::new(),
                creq: None,
            }),
        })
    }

    fn outside(&self, charge_reference: String) -> Result<OutsideRefund, Problem> {
        let taken_back = match self.end {
            EndWord::Done => None,
            EndWord::TakenBack => Some(self.decline()?),
            EndWord::Declined | EndWord::NotDone | EndWord::ActionRequired => {
                let detail = "a refund that was made in a gateway's dashboard is `done` or `taken_back`";
                return Err(Problem::bad_request("invalid_refund", detail).pointer("/end", detail));
            }
        };
        Ok(OutsideRefund {
            charge_reference,
            gateway_reference: self.gateway_reference()?,
            amount: self.amount()?,
            taken_back,
        })
    }

    fn gateway_reference(&self) -> Result<String, Problem> {
        there("/gateway_reference", self.gateway_reference.as_ref())
    }

    fn amount(&self) -> Result<Money, Problem> {
        let currency = there("/currency", self.currency.as_ref())?;
        Ok(Money::new(there("/amount", self.amount.as_ref())?, currency))
    }

    fn decline(&self) -> Result<Decline, Problem> {
        let word = there("/decline_code", self.decline_code.as_ref())?;
        let code = DeclineCode::find(&word).ok_or_else(|| {
            Problem::bad_request("invalid_refund", "the decline code is not known")
                .pointer("/decline_code", "not known")
        })?;
        let message = there("/message", self.message.as_ref())?;
        Ok(Decline { code, network_code: self.network_code.clone(), message, sca: None })
    }
}

fn there<T: Clone>(pointer: &str, value: Option<&T>) -> Result<T, Problem> {
    value.cloned().ok_or_else(|| {
        Problem::bad_request("invalid_refund", format!("{pointer} is missing")).pointer(pointer, "is missing")
    })
}
