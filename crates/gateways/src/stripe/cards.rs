//! Card data and clients' tokens become tokens that can be charged again.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CardData, GatewayError, TokenisedCard};

use super::call::Connection;
use super::refusal::{Refusal, object};
use super::request;
use super::token::{Token, is_id};
use super::wire::{Card, Customer, Expandable, PaymentMethod, metadata};

/// A saved token of card data.
pub(super) async fn tokenise(
    connection: &Connection,
    tenant: &TenantId,
    card: &CardData,
) -> Result<TokenisedCard, GatewayError> {
    let answer = connection.post(request::card_method(card)).await?;
    let method: PaymentMethod = object(&answer)?.map_err(|refusal| refusal.error())?;
    save(connection, tenant, method).await
}

/// What is behind a client's token, made the tenant's own when it is nobody's yet; none when Stripe does not know it or
/// it is another tenant's.
pub(super) async fn inspect(
    connection: &Connection,
    tenant: &TenantId,
    token: &SecretString,
) -> Result<Option<TokenisedCard>, GatewayError> {
    let Some(token) = Token::of(token) else { return Ok(None) };
    let answer = connection.get(request::method(token)).await?;
    let method: PaymentMethod = match object(&answer)? {
        Ok(method) => method,
        Err(Refusal { status: 404, .. }) => return Ok(None),
        Err(refusal) => return Err(refusal.error()),
    };
    let customer = match method.customer.as_ref() {
        None => return save(connection, tenant, method).await.map(Some),
        Some(Expandable::Object(customer)) => customer,
        Some(Expandable::Id(_)) => {
            return Err(GatewayError::Unknown("Stripe does not say whose the method is".to_owned()));
        }
    };
    let is_theirs = customer.metadata.get(metadata::TENANT).is_some_and(|known| known == tenant.as_str());
    if !is_theirs || token.customer.is_some_and(|named| named != customer.id) {
        return Ok(None);
    }
    shown(&customer.id, &method).map(Some)
}

/// Gives a method to a customer of its own, so that it can be charged more than once. Repeated, it is the same customer.
async fn save(
    connection: &Connection,
    tenant: &TenantId,
    method: PaymentMethod,
) -> Result<TokenisedCard, GatewayError> {
    if !is_id(&method.id, "pm_") {
        return Err(GatewayError::Unknown("Stripe's payment method has no id".to_owned()));
    }
    let answer = connection.post(request::customer(tenant, &method.id)).await?;
    let customer: Customer = object(&answer)?.map_err(|refusal| refusal.error())?;
    let answer = connection.post(request::attach(tenant, &customer.id, &method.id)).await?;
    let method: PaymentMethod = object(&answer)?.map_err(|refusal| refusal.error())?;
    shown(&customer.id, &method)
}

fn shown(customer: &str, method: &PaymentMethod) -> Result<TokenisedCard, GatewayError> {
    let Some(Card { brand, last4, exp_month, exp_year, fingerprint, .. }) = &method.card else {
        return Err(GatewayError::NotDone("the payment method is no card".to_owned()));
    };
    Ok(TokenisedCard {
        token: Token::saved(customer, &method.id),
        brand: scheme(brand),
        last4: last4.clone(),
        exp_month: *exp_month,
        exp_year: *exp_year,
        card_identity: SecretString::from(fingerprint.clone().unwrap_or_default()),
    })
}

/// The scheme in our spelling.
fn scheme(brand: &str) -> String {
    match brand {
        "amex" => "AMEX".to_owned(),
        "diners" => "DINERS".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}
