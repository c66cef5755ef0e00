//! What PayU's form in the shop's page made becomes a stored card.

use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{GatewayError, TokenisedCard};

use super::answer;
use super::call::Connection;
use super::request::Shop;
use super::token::{Token, customer, is_stored, once};
use super::wire::{Card, Digits, PayMethod};

/// Stores what a client's form made; none for what it did not make. A stored card is no client's token: nobody is told one.
pub(super) async fn inspect(
    connection: &Connection,
    shop: &Shop<'_>,
    tenant: &TenantId,
    token: &SecretString,
) -> Result<Option<TokenisedCard>, GatewayError> {
    let Some(once) = once(token) else { return Ok(None) };
    let customer = customer(&connection.client_secret, tenant, once);
    let stored = answer::stored(&connection.post(shop.store(tenant, &customer, once)).await?)?;
    let shown = shown(tenant, &customer, stored);
    shown.map(Some).ok_or_else(|| GatewayError::Unknown("PayU's stored card is not understood".to_owned()))
}

fn shown(tenant: &TenantId, customer: &str, stored: PayMethod) -> Option<TokenisedCard> {
    let card = stored.value.filter(|value| is_stored(value))?;
    let Card { number, expiration_month, expiration_year } = stored.card?;
    let number = number?;
    let last4 = number.get(number.len().checked_sub(4)?..)?.to_owned();
    let exp_year = u16::try_from(of(expiration_year?)?).ok()?;
    Some(TokenisedCard {
        token: Token::saved(tenant, customer, &card),
        brand: brand(&number).to_owned(),
        last4,
        exp_month: u8::try_from(of(expiration_month?)?).ok()?,
        exp_year: if exp_year < 100 { 2_000 + exp_year } else { exp_year },
        // PayU tells none.
        card_identity: SecretString::default(),
    })
}

fn of(digits: Digits) -> Option<u64> {
    match digits {
        Digits::Number(number) => Some(number),
        Digits::Text(text) => text.parse().ok(),
    }
}

/// The scheme, by how a number begins (ISO/IEC 7812): PayU shows the first six digits and takes these.
fn brand(number: &str) -> &'static str {
    let begins = |digits: usize| number.get(..digits).and_then(|first| first.parse::<u32>().ok());
    match (begins(1), begins(2), begins(4)) {
        (Some(4), _, _) => "VISA",
        (_, Some(51..=55), _) | (_, _, Some(2221..=2720)) => "MASTERCARD",
        (_, Some(34 | 37), _) => "AMEX",
        (_, Some(50 | 56..=59 | 67), _) => "MAESTRO",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_known_by_how_its_numbers_begin() {
        for (number, scheme) in [
            ("411111******1111", "VISA"),
            ("543402******4014", "MASTERCARD"),
            ("222100******0009", "MASTERCARD"),
            ("378282******0005", "AMEX"),
            ("675964******8453", "MAESTRO"),
            ("******", "UNKNOWN"),
            ("", "UNKNOWN"),
        ] {
            assert_eq!(brand(number), scheme, "{number}");
        }
    }
}
