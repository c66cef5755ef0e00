//! `POST /pay/{token}/card`: where the card form of the hosted payment page goes. The page itself is of intents; card
//! data comes here only.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, post, web};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tender_domain::ports::CardData;
use tender_http::Problem;
use utoipa::ToSchema;

use super::dto::{bare_digits, created};
use crate::VaultService;
use crate::use_cases::CardFormRefusal;

const TOKEN_CHARS_MAX: usize = 128;

/// A card, as the page's form sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CardFormBody {
    /// What the page's form carries.
    ticket: String,
    /// The card number; spaces and dashes are allowed.
    #[schema(value_type = String, example = "4242 4242 4242 4242", write_only)]
    number: SecretString,
    /// Month and year of expiry.
    #[schema(example = "12/30")]
    expiry: String,
    /// The verification code.
    #[schema(value_type = String, example = "123", write_only)]
    cvc: SecretString,
    /// The name on the card.
    name: String,
}

/// Takes the card form of the hosted payment page, and sends the browser back to the page.
///
/// Nothing of the card is in the address that the browser is sent to.
#[utoipa::path(
    operation_id = "send_card_form",
    tag = "payment-page",
    path = "/pay/{token}/card",
    params(("token" = String, Path, description = "The link's token")),
    request_body(content = CardFormBody, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "To the page: to look the payment over, or with what was wrong"),
        (status = 404, description = "No such form", body = Problem),
    ),
    security(()),
)]
#[post("/pay/{token}/card")]
pub(super) async fn take(
    token: web::Path<String>,
    form: Option<web::Form<CardFormBody>>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if token.is_empty() || token.len() > TOKEN_CHARS_MAX || !token.bytes().all(plain) {
        return Err(Problem::not_found("payment form"));
    }
    let page = format!("/pay/{token}");
    let Some(web::Form(body)) = form else { return Ok(to(&format!("{page}?problem=card"))) };
    let opened = match vault.open_card_form(&body.ticket) {
        Ok(opened) => opened,
        Err(CardFormRefusal::Expired) => return Ok(to(&format!("{page}?problem=form"))),
        Err(_) => return Err(Problem::not_found("payment form")),
    };
    let Some((exp_month, exp_year)) = expiry(&body.expiry) else {
        return Ok(to(&format!("{page}?problem=card")));
    };
    let name = body.name.trim();
    let card = CardData {
        number: bare_digits(&body.number),
        exp_month,
        exp_year,
        cvc: Some(body.cvc).filter(|cvc| !cvc.expose_secret().is_empty()),
        holder_name: (!name.is_empty()).then(|| name.to_owned()),
    };
    Ok(match vault.take_card_form(&opened, card, created).await {
        Ok(()) => to(&format!("{page}/review?form={}", opened.nonce)),
        Err(CardFormRefusal::Unavailable(error)) => {
            tracing::warn!(%error, "a card form could not be taken");
            to(&format!("{page}?problem=busy"))
        }
        Err(_) => to(&format!("{page}?problem=card")),
    })
}

/// `12/30`, `12 / 2030`: the month and the year of four digits.
fn expiry(text: &str) -> Option<(u8, u16)> {
    let (month, year) = text.split_once('/')?;
    let (month, year) = (month.trim().parse::<u8>().ok()?, year.trim());
    let digits = year.bytes().all(|byte| byte.is_ascii_digit());
    let year = match year.len() {
        2 if digits => year.parse::<u16>().ok()? + 2000,
        4 if digits => year.parse().ok()?,
        _ => return None,
    };
    (1..=12).contains(&month).then_some((month, year))
}

fn to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).finish()
}

#[cfg(test)]
mod tests {
    use super::expiry;

    #[test]
    fn an_expiry_is_read_as_people_write_it_or_refused() {
        for (text, read) in [
            ("12/30", Some((12, 2030))),
            (" 1 / 2031 ", Some((1, 2031))),
            ("13/30", None),
            ("0/30", None),
            ("1230", None),
            ("12/3", None),
            ("12/-1", None),
        ] {
            assert_eq!(expiry(text), read, "{text}");
        }
    }
}
