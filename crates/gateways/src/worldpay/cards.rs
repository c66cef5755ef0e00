//! Card data becomes tokens that can be charged again; clients' tokens are looked at.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CardData, GatewayError, TokenisedCard};

use super::answer::refusal;
use super::call::{Connection, WHO};
use super::request;
use super::token::{is_of, namespace, saved, token_id};
use super::wire::{MaskedCard, Token};

/// A saved token of card data.
pub(super) async fn tokenise(
    connection: &Connection,
    (entity, secret): (&str, &SecretString),
    tenant: &TenantId,
    card: &CardData,
) -> Result<TokenisedCard, GatewayError> {
    let Some(namespace) = namespace(tenant, &request::card_mark(secret, tenant, card)) else {
        return Err(GatewayError::NotDone(
            "the tenant's name is too long for Worldpay's namespaces".to_owned(),
        ));
    };
    let answer = connection.post(request::store(card, entity, &namespace)).await?;
    if !answer.is_success() {
        return Err(refusal(&answer));
    }
    shown(tenant, &answer.json(WHO)?)
}

/// What is behind a client's token; none when it is no token of this tenant's, or Worldpay does not know it.
pub(super) async fn inspect(
    connection: &Connection,
    tenant: &TenantId,
    token: &SecretString,
) -> Result<Option<TokenisedCard>, GatewayError> {
    let Some(id) = token_id(token, tenant) else { return Ok(None) };
    let answer = connection.get(&format!("tokens/{id}")).await?;
    if answer.status == 404 {
        return Ok(None);
    }
    if !answer.is_success() {
        return Err(refusal(&answer));
    }
    let token: Token = answer.json(WHO)?;
    if !token.namespace.as_deref().is_some_and(|namespace| is_of(namespace, tenant)) {
        return Ok(None);
    }
    shown(tenant, &token).map(Some)
}

fn shown(tenant: &TenantId, token: &Token) -> Result<TokenisedCard, GatewayError> {
    let no_card = || GatewayError::NotDone("Worldpay's token is no card".to_owned());
    let MaskedCard { card_number, card_expiry_date, brand } =
        token.payment_instrument.as_ref().ok_or_else(no_card)?;
    let (Some(number), Some(date), Some(brand)) = (card_number, card_expiry_date, brand) else {
        return Err(no_card());
    };
    let last4 = number.get(number.len().saturating_sub(4)..).unwrap_or_default();
    let saved = saved(tenant, &token.token_payment_instrument.href)
        .ok_or_else(|| GatewayError::Unknown("Worldpay's token has no address".to_owned()))?;
    Ok(TokenisedCard {
        token: saved,
        brand: brand.to_ascii_uppercase(),
        last4: last4.to_owned(),
        exp_month: date.month,
        exp_year: date.year,
        // Worldpay tells none.
        card_identity: SecretString::default(),
    })
}
