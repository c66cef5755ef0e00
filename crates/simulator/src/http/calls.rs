//! The calls of the port, one handler each.

use actix_web::web::{Data, Json};
use tender_domain::ports::{CardData, PaymentGateway};

use super::problem::Problem;
use super::trusted::Trusted;
use super::wire::{
    AnswerBody, AuthorizeBody, CaptureBody, CardAnswer, ChallengeBody, InspectAnswer, InspectBody,
    LookupAnswer, LookupBody, RefundBody, TokeniseBody, VoidBody,
};
use crate::SimulatorGateway;

type Gateway = Data<SimulatorGateway>;
type Answer<T> = Result<Json<T>, Problem>;

pub(crate) async fn authorize(_: Trusted, gateway: Gateway, body: Json<AuthorizeBody>) -> Answer<AnswerBody> {
    Ok(Json(gateway.authorize(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn capture(_: Trusted, gateway: Gateway, body: Json<CaptureBody>) -> Answer<AnswerBody> {
    Ok(Json(gateway.capture(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn void(_: Trusted, gateway: Gateway, body: Json<VoidBody>) -> Answer<AnswerBody> {
    Ok(Json(gateway.void(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn refund(_: Trusted, gateway: Gateway, body: Json<RefundBody>) -> Answer<AnswerBody> {
    Ok(Json(gateway.refund(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn complete_challenge(
    _: Trusted,
    gateway: Gateway,
    body: Json<ChallengeBody>,
) -> Answer<AnswerBody> {
    Ok(Json(gateway.complete_challenge(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn lookup(_: Trusted, gateway: Gateway, body: Json<LookupBody>) -> Answer<LookupAnswer> {
    Ok(Json(gateway.lookup(&body.into_inner().into()).await?.into()))
}

pub(crate) async fn tokenise(_: Trusted, gateway: Gateway, body: Json<TokeniseBody>) -> Answer<CardAnswer> {
    let TokeniseBody { tenant, card } = body.into_inner();
    Ok(Json(gateway.tokenise(&tenant, &CardData::from(card)).await?.into()))
}

pub(crate) async fn inspect(_: Trusted, gateway: Gateway, body: Json<InspectBody>) -> Answer<InspectAnswer> {
    let InspectBody { tenant, token } = body.into_inner();
    let card = gateway.inspect_token(&tenant, &token.into()).await?;
    Ok(Json(InspectAnswer { card: card.map(CardAnswer::from) }))
}
