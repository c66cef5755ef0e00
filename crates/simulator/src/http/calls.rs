//! The calls of the port, one handler each.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use tender_domain::ports::{CardData, DisputeReplies, HandedIn, MethodChecks, PaymentGateway};
use tender_domain::vault::ThreeDsSupport;

use super::check_wire::{CheckBody, DepositsBody, ZeroAmountBody};
use super::method_wire::{InspectMethodAnswer, InspectMethodBody, MethodAnswer, TokeniseAccountBody};
use super::problem::Problem;
use super::reply_wire::{ReplyAnswerBody, ReplyBody};
use super::trusted::Trusted;
use super::wire::{
    AuthorizeBody, CaptureBody, CardAnswer, ChallengeBody, InspectAnswer, InspectBody, LookupAnswer,
    LookupBody, RefundBody, TokeniseBody, VoidBody,
};
use crate::SimulatorGateway;
use crate::answer_body::AnswerBody;
use crate::fault::{Answered, Fault};

type Gateway = Data<SimulatorGateway>;
type Answer<T> = Result<Json<T>, Problem>;

/// What a caller reads who gets nonsense.
const NONSENSE: &str = r#"{"outcome":"appr"#;

fn told(answered: Answered) -> Result<HttpResponse, Problem> {
    match answered {
        Ok(answer) => Ok(HttpResponse::Ok().json(AnswerBody::from(answer))),
        Err(Fault::Malformed) => Ok(HttpResponse::Ok().content_type("application/json").body(NONSENSE)),
        Err(fault) => Err(fault.into()),
    }
}

type Told = Result<HttpResponse, Problem>;

pub(crate) async fn authorize(_: Trusted, gateway: Gateway, body: Json<AuthorizeBody>) -> Told {
    told(gateway.authorization(&body.into_inner().into()).await)
}

pub(crate) async fn capture(_: Trusted, gateway: Gateway, body: Json<CaptureBody>) -> Told {
    told(gateway.capturing(&body.into_inner().into()).await)
}

pub(crate) async fn void(_: Trusted, gateway: Gateway, body: Json<VoidBody>) -> Told {
    told(gateway.voiding(&body.into_inner().into()).await)
}

pub(crate) async fn refund(_: Trusted, gateway: Gateway, body: Json<RefundBody>) -> Told {
    told(gateway.refunding(&body.into_inner().into()).await)
}

pub(crate) async fn complete_challenge(_: Trusted, gateway: Gateway, body: Json<ChallengeBody>) -> Told {
    told(gateway.completion(&body.into_inner().into()).await)
}

pub(crate) async fn lookup(_: Trusted, gateway: Gateway, body: Json<LookupBody>) -> Told {
    match gateway.looked_up(&body.into_inner().into()).await {
        Ok(lookup) => Ok(HttpResponse::Ok().json(LookupAnswer::from(lookup))),
        Err(fault) => told(Err(fault)),
    }
}

pub(crate) async fn submit_evidence(
    _: Trusted,
    gateway: Gateway,
    body: Json<ReplyBody>,
) -> Answer<ReplyAnswerBody> {
    let (to, texts, files) = body.into_inner().into_call()?;
    let evidence = HandedIn { texts: &texts, files: &files };
    Ok(Json(gateway.submit_evidence(&to, evidence).await?.into()))
}

pub(crate) async fn accept_dispute(
    _: Trusted,
    gateway: Gateway,
    body: Json<ReplyBody>,
) -> Answer<ReplyAnswerBody> {
    let (to, _, _) = body.into_inner().into_call()?;
    Ok(Json(gateway.accept_dispute(&to).await?.into()))
}

pub(crate) async fn tokenise(_: Trusted, gateway: Gateway, body: Json<TokeniseBody>) -> Answer<CardAnswer> {
    let TokeniseBody { tenant, card } = body.into_inner();
    Ok(Json(gateway.tokenise(&tenant, &CardData::from(card)).await?.into()))
}

pub(crate) async fn tokenise_bank_account(
    _: Trusted,
    gateway: Gateway,
    body: Json<TokeniseAccountBody>,
) -> Answer<MethodAnswer> {
    let TokeniseAccountBody { tenant, method_type, account } = body.into_inner();
    Ok(Json(gateway.tokenise_bank_account(&tenant, method_type, &account.into()).await?.into()))
}

pub(crate) async fn inspect_method(
    _: Trusted,
    gateway: Gateway,
    body: Json<InspectMethodBody>,
) -> Answer<InspectMethodAnswer> {
    let InspectMethodBody { tenant, method_type, token } = body.into_inner();
    let method = gateway.inspect_method(&tenant, method_type, &token.into()).await?;
    Ok(Json(InspectMethodAnswer { method: method.map(MethodAnswer::from) }))
}

pub(crate) async fn authorize_nothing(
    _: Trusted,
    gateway: Gateway,
    body: Json<CheckBody>,
) -> Answer<ZeroAmountBody> {
    Ok(Json(gateway.authorize_nothing(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn three_ds_support(
    _: Trusted,
    gateway: Gateway,
    body: Json<CheckBody>,
) -> Answer<ThreeDsSupport> {
    Ok(Json(gateway.three_ds_support(&body.into_inner().into()).await?))
}

pub(crate) async fn send_deposits(
    _: Trusted,
    gateway: Gateway,
    body: Json<CheckBody>,
) -> Answer<DepositsBody> {
    Ok(Json(gateway.send_deposits(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn inspect(_: Trusted, gateway: Gateway, body: Json<InspectBody>) -> Answer<InspectAnswer> {
    let InspectBody { tenant, token } = body.into_inner();
    let card = gateway.inspect_token(&tenant, &token.into()).await?;
    Ok(Json(InspectAnswer { card: card.map(CardAnswer::from) }))
}
