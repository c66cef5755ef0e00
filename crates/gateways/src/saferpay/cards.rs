//! Card data becomes aliases that can be charged again; clients' aliases are looked at.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CardData, GatewayError, TokenisedCard};

use super::answer::refusal;
use super::call::{Connection, WHO};
use super::request;
use super::token::{alias, is_of, new_alias, saved};
use super::wire::{Card, Refusal, WithAlias};
use crate::rest::Response;

/// A saved alias of card data.
pub(super) async fn tokenise(
    connection: &Connection,
    tenant: &TenantId,
    card: &CardData,
) -> Result<TokenisedCard, GatewayError> {
    let answer = connection.post(request::store(card, &new_alias(tenant))).await?;
    if answer.is_success() { shown(tenant, &answer) } else { Err(refusal(&answer)) }
}

/// What is behind a client's token; none when it is no token of this tenant's, or Saferpay does not know it.
pub(super) async fn inspect(
    connection: &Connection,
    tenant: &TenantId,
    token: &SecretString,
) -> Result<Option<TokenisedCard>, GatewayError> {
    let Some(alias) = alias(token, tenant) else { return Ok(None) };
    let answer = connection.post(request::stored(alias)).await?;
    if answer.is_success() {
        return shown(tenant, &answer).map(Some);
    }
    let is_unknown = |refusal: Refusal| refusal.error_name == "ALIAS_INVALID";
    if answer.is_definite_refusal() && answer.json(WHO).is_ok_and(is_unknown) {
        return Ok(None);
    }
    Err(refusal(&answer))
}

fn shown(tenant: &TenantId, answer: &Response) -> Result<TokenisedCard, GatewayError> {
    let WithAlias { alias, payment_means } = answer.json(WHO)?;
    let no_card = || GatewayError::NotDone("Saferpay's alias is no card".to_owned());
    let Card { masked_number, exp_year, exp_month } = payment_means.card.ok_or_else(no_card)?;
    let brand = payment_means.brand.payment_method.ok_or_else(no_card)?;
    if !is_of(&alias.id, tenant) {
        return Err(GatewayError::Unknown("Saferpay's alias is another one".to_owned()));
    }
    let last4 = masked_number.get(masked_number.len().saturating_sub(4)..).unwrap_or_default();
    Ok(TokenisedCard {
        token: saved(tenant, &alias.id),
        brand: brand.to_ascii_uppercase(),
        last4: last4.to_owned(),
        exp_month,
        exp_year,
        // Saferpay tells none.
        card_identity: SecretString::default(),
    })
}
