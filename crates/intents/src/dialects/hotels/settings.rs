//! `/hotels/hotels/{hotel_id}/settings`: what a hotel asks of its payments.

use actix_web::{HttpResponse, get, put, web};
use tender_http::storefront::In;
use tender_http::storefront::adventures::{ErrorBody, Refused};
use tender_http::{Authorized, Command, IfMatch, respond_json, scopes};

use super::payments::{Service, may_be_called};
use super::request::named;
use super::settings_body::{PutSettingsBody, SettingsBody};
use crate::IntentsError;
use crate::http::version;
use crate::use_cases::{Seen, WantedSettings};

/// Reads a hotel's settings.
#[utoipa::path(
    operation_id = "hotels_get_settings",
    tag = "hotels",
    path = "/hotels/hotels/{hotel_id}/settings",
    params(("hotel_id" = String, Path, description = "The hotel", example = "hotel-1")),
    responses(
        (status = 200, description = "The settings; of version 0 while none were set", body = SettingsBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
    ),
    security(("bearer" = ["orders:read"])),
)]
#[get("/hotels/hotels/{hotel_id}/settings")]
pub(in crate::dialects) async fn get_settings(
    caller: In<Refused, Authorized<scopes::OrdersRead>>,
    hotel: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let asks = service.hotel_settings(&caller.tenant, &hotel).await?;
    let key = service.storefront.webhooks.public_key();
    Ok(respond_json(200, &SettingsBody::of(&hotel, &asks, key)))
}

/// Replaces a hotel's settings.
///
/// What is left out is unset, but for `deposit_policies`, which then stay as they are.
#[utoipa::path(
    operation_id = "hotels_put_settings",
    tag = "hotels",
    path = "/hotels/hotels/{hotel_id}/settings",
    params(
        ("hotel_id" = String, Path, description = "The hotel", example = "hotel-1"),
        ("Idempotency-Key" = Option<String>, Header, description = "Taken, and not needed: the same settings twice are one"),
    ),
    request_body = PutSettingsBody,
    responses(
        (status = 200, description = "The settings", body = SettingsBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 409, description = "`VERSION_CONFLICT`: they have another `version` than you have seen", body = ErrorBody),
        (status = 422, description = "`CARD_NUMBER_DETECTED`; `VALIDATION_ERROR`: a deposit policy that cannot be", body = ErrorBody),
    ),
    security(("bearer" = ["orders:write"])),
)]
#[put("/hotels/hotels/{hotel_id}/settings")]
pub(in crate::dialects) async fn put_settings(
    caller: In<Refused, Authorized<scopes::OrdersWrite>>,
    command: In<Refused, Command<PutSettingsBody>>,
    hotel: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let hotel = named("hotel_id", Some(hotel.into_inner()))?;
    let body = command.into_inner().body;
    let seen = Seen { if_match: IfMatch::Absent, version: version(body.version) };
    let WantedSettings { values, policies } = body.checked()?;
    may_be_called(&service, values.notification_url.as_deref())?;
    if values.psp.as_deref().is_some_and(|psp| !service.has_page(psp)) {
        let why = "psp must be a connector that is set up and has a payment page";
        return Err(Refused::field("psp", why));
    }
    let mailed = [
        ("notification_emails", !values.notification_emails.is_empty()),
        ("agents", !values.agents.is_empty()),
    ];
    if let Some((field, _)) = mailed.into_iter().find(|(_, any)| *any).filter(|_| !service.sends_mail()) {
        return Err(Refused::field(field, "e-mail cannot be sent here: no mail server is set up"));
    }
    let wanted = WantedSettings { values, policies };
    let asks =
        service.put_hotel_settings(&caller, &hotel, wanted, seen).await.map_err(|error| match error {
            IntentsError::StaleVersion(_) => {
                Refused::of(409, "VERSION_CONFLICT", "the settings have another version; read them again")
                    .at("version")
            }
            IntentsError::Deposit(refusal) => {
                Refused::of(422, "VALIDATION_ERROR", refusal.to_string()).at("deposit_policies")
            }
            error => error.into(),
        })?;
    let key = service.storefront.webhooks.public_key();
    Ok(respond_json(200, &SettingsBody::of(&hotel, &asks, key)))
}
