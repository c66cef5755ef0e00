//! Clients' tokens become cards that can be charged again.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{GatewayError, TokenisedCard};

use super::answer::{problems, refusal};
use super::call::{Connection, WHO};
use super::request::{self, Request};
use super::token::{Token, is_card, is_id, nonce, reference};
use super::wire::{Card, Customer, WithCard, WithCustomer};
use crate::rest::Response;

/// What is behind a client's token: a stored card of the tenant's, or what the shop's form made, which is stored with
/// that. None when it is neither, or Square does not know it.
pub(super) async fn inspect(
    connection: &Connection,
    tenant: &TenantId,
    token: &SecretString,
) -> Result<Option<TokenisedCard>, GatewayError> {
    if let Some(nonce) = nonce(token) {
        return store(connection, tenant, nonce).await.map(Some);
    }
    let Some(Token { customer, card }) = Token::of(token, tenant) else { return Ok(None) };
    let Some(owner) = customer_of(connection, customer).await? else { return Ok(None) };
    if owner.reference_id.as_deref() != Some(reference(tenant).as_str()) {
        return Ok(None);
    }
    let answer = connection.get(&format!("v2/cards/{card}")).await?;
    if answer.status == 404 {
        return Ok(None);
    }
    let found = read::<WithCard>(&answer)?.card;
    if found.customer_id.as_deref() != Some(customer) || found.enabled == Some(false) {
        return Ok(None);
    }
    shown(tenant, customer, &found).map(Some)
}

/// Stores what a form made, with a customer of its own; the same again gives the same card.
async fn store(
    connection: &Connection,
    tenant: &TenantId,
    nonce: &str,
) -> Result<TokenisedCard, GatewayError> {
    let owner = ask(connection, request::customer(tenant, nonce, &reference(tenant))).await?;
    let customer = read::<WithCustomer>(&owner)?.customer.id;
    if !is_id(&customer) {
        return Err(GatewayError::Unknown("Square's customer has no id".to_owned()));
    }
    let answer = ask(connection, request::store(tenant, nonce, &customer)).await?;
    shown(tenant, &customer, &read::<WithCard>(&answer)?.card)
}

async fn customer_of(connection: &Connection, id: &str) -> Result<Option<Customer>, GatewayError> {
    let answer = connection.get(&format!("v2/customers/{id}")).await?;
    if answer.status == 404 {
        return Ok(None);
    }
    Ok(Some(read::<WithCustomer>(&answer)?.customer))
}

async fn ask(connection: &Connection, request: Request) -> Result<Response, GatewayError> {
    connection.post(request).await
}

fn read<T: serde::de::DeserializeOwned>(answer: &Response) -> Result<T, GatewayError> {
    if answer.is_success() {
        return answer.json(WHO);
    }
    Err(refusal(answer, &problems(answer)?))
}

fn shown(tenant: &TenantId, customer: &str, card: &Card) -> Result<TokenisedCard, GatewayError> {
    let no_card = || GatewayError::NotDone("Square's token is no card".to_owned());
    let (Some(brand), Some(last4)) = (&card.card_brand, &card.last_4) else { return Err(no_card()) };
    let (Some(exp_month), Some(exp_year)) = (card.exp_month, card.exp_year) else { return Err(no_card()) };
    if !is_card(&card.id) {
        return Err(GatewayError::Unknown("Square's card has no id".to_owned()));
    }
    Ok(TokenisedCard {
        token: Token::saved(tenant, customer, &card.id),
        brand: brand.replace("AMERICAN_EXPRESS", "AMEX").to_ascii_uppercase(),
        last4: last4.clone(),
        exp_month,
        exp_year,
        card_identity: SecretString::from(card.fingerprint.clone().unwrap_or_default()),
    })
}
