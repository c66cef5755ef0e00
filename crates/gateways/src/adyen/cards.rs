//! Card data and clients' tokens become tokens that can be charged again.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{GatewayError, TokenisedCard};

use super::call::{Connection, Response};
use super::refusal::object;
use super::token::{Token, is_id};
use super::wire::{StoredMethod, StoredMethods};

/// The token of a card that was stored for a shopper.
pub(super) fn stored(response: &Response, shopper: &str) -> Result<TokenisedCard, GatewayError> {
    let method: StoredMethod = object(response)?.map_err(|refusal| refusal.error())?;
    shown(shopper, &method)
}

/// What is behind a client's token; none when it is no token of this tenant's, or Adyen does not know it.
pub(super) async fn inspect(
    connection: &Connection,
    merchant: &str,
    tenant: &TenantId,
    token: &SecretString,
) -> Result<Option<TokenisedCard>, GatewayError> {
    let Some(token) = Token::of(token, tenant) else { return Ok(None) };
    let query = [("merchantAccount", merchant), ("shopperReference", token.shopper)];
    let answer = connection.get("storedPaymentMethods", &query).await?;
    let StoredMethods { stored_payment_methods: methods } =
        object(&answer)?.map_err(|refusal| refusal.error())?;
    match methods.iter().find(|method| method.id == token.method) {
        Some(method) => shown(token.shopper, method).map(Some),
        None => Ok(None),
    }
}

fn shown(shopper: &str, method: &StoredMethod) -> Result<TokenisedCard, GatewayError> {
    let StoredMethod { id, brand, last_four, expiry_month, expiry_year } = method;
    let month = expiry_month.as_deref().and_then(|month| month.parse().ok());
    let year = expiry_year.as_deref().and_then(full_year);
    let (Some(brand), Some(last4), Some(exp_month), Some(exp_year)) = (brand, last_four, month, year) else {
        return Err(GatewayError::NotDone("the stored payment method is no card".to_owned()));
    };
    if !is_id(id) {
        return Err(GatewayError::Unknown("Adyen's stored payment method has no id".to_owned()));
    }
    Ok(TokenisedCard {
        token: Token::saved(shopper, id),
        brand: scheme(brand),
        last4: last4.clone(),
        exp_month,
        exp_year,
        // Adyen tells none here; the token itself is the same for the same card of a tenant.
        card_identity: SecretString::default(),
    })
}

/// The year of expiry, of which Adyen tells the last two digits.
fn full_year(text: &str) -> Option<u16> {
    let year: u16 = text.parse().ok()?;
    Some(if year < 100 { 2000 + year } else { year })
}

/// The scheme in our spelling.
fn scheme(brand: &str) -> String {
    match brand {
        "mc" => "MASTERCARD".to_owned(),
        "cup" => "UNIONPAY".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}
