//! Card data and clients' tokens become tokens that can be charged again.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CardData, GatewayError, TokenisedCard};

use super::call::Connection;
use super::refusal::object;
use super::request;
use super::token::{customer, is_id, payment_token, saved};
use super::wire::{Card, PaymentToken};

/// A saved token of card data.
pub(super) async fn tokenise(
    connection: &Connection,
    tenant: &TenantId,
    card: &CardData,
) -> Result<TokenisedCard, GatewayError> {
    let Some(customer) = customer(tenant) else {
        return Err(GatewayError::NotDone("the tenant's name is too long for PayPal's customers".to_owned()));
    };
    let asked = request::store(card, tenant, &customer, &connection.sessions.client_secret);
    let answer = connection.post(asked).await?;
    let token: PaymentToken = object(&answer)?.map_err(|refusal| refusal.error())?;
    shown(tenant, &token)
}

/// What is behind a client's token; none when it is no token of this tenant's, or PayPal does not know it.
pub(super) async fn inspect(
    connection: &Connection,
    tenant: &TenantId,
    token: &SecretString,
) -> Result<Option<TokenisedCard>, GatewayError> {
    let Some(id) = payment_token(token, tenant) else { return Ok(None) };
    let answer = connection.get(&format!("v3/vault/payment-tokens/{id}")).await?;
    let token: PaymentToken = match object(&answer)? {
        Ok(token) => token,
        Err(refusal) if refusal.is_not_found() => return Ok(None),
        Err(refusal) => return Err(refusal.error()),
    };
    let owner = token.customer.as_ref().and_then(|customer| customer.merchant_customer_id.as_deref());
    if owner.is_none() || owner != customer(tenant).as_deref() {
        return Ok(None);
    }
    shown(tenant, &token).map(Some)
}

fn shown(tenant: &TenantId, token: &PaymentToken) -> Result<TokenisedCard, GatewayError> {
    let no_card = || GatewayError::NotDone("the payment token is no card".to_owned());
    let card = token.payment_source.as_ref().and_then(|source| source.card.as_ref());
    let Card { brand, last_digits, expiry, .. } = card.ok_or_else(no_card)?;
    let date = expiry.as_deref().and_then(|expiry| {
        let (year, month) = expiry.split_once('-')?;
        Some((year.parse().ok()?, month.parse().ok()?))
    });
    let (Some(brand), Some(last4), Some((exp_year, exp_month))) = (brand, last_digits, date) else {
        return Err(no_card());
    };
    if !is_id(&token.id) {
        return Err(GatewayError::Unknown("PayPal's payment token has no id".to_owned()));
    }
    Ok(TokenisedCard {
        token: saved(tenant, &token.id),
        brand: brand.to_ascii_uppercase(),
        last4: last4.clone(),
        exp_month,
        exp_year,
        // PayPal tells none.
        card_identity: SecretString::default(),
    })
}
