//! `/internal/methods/{id}/charge-material`: what intents needs for one charge. For services of the platform only.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, get, post, web};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, Serializer};
use tender_domain::kernel::{MethodId, PaymentLinkKind, Timestamp};
use tender_domain::ports::{CardForm, CardForms, ChargeableMethod, MethodLookupError};
use tender_domain::vault::Reader;
use tender_http::{Authorized, Command, Problem, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use crate::VaultService;

/// When to ask again after the tokens could not be read.
const UNAVAILABLE_RETRY_SECONDS: u32 = 1;

/// A method with its connector tokens, in the clear.
#[derive(Serialize, ToSchema)]
struct ChargeMaterial {
    /// Its id.
    #[schema(value_type = String)]
    id: MethodId,
    /// Whose it is.
    customer_id: Option<String>,
    /// The merchant account that alone may charge it.
    merchant_account_id: Option<String>,
    /// `card`, `bank_account`, `apple_pay`, `google_pay`, `paypal` or `sepa_debit`.
    #[serde(rename = "type")]
    method_type: String,
    /// The card's scheme.
    brand: Option<String>,
    /// The last four characters of the card's or account's number.
    last4: Option<String>,
    /// Month of expiry, 1 to 12.
    exp_month: Option<u8>,
    /// Year of expiry, four digits.
    exp_year: Option<u16>,
    /// Equal for the same card or account of the same tenant.
    fingerprint: String,
    /// The first six digits of its number, when the vault saw the number.
    bin: Option<String>,
    /// Where the bank account is held (ISO 3166-1 alpha-2).
    account_country: Option<String>,
    /// The tokens, by connector.
    #[serde(serialize_with = "in_the_clear")]
    #[schema(value_type = BTreeMap<String, String>)]
    tokens: Vec<(String, secrecy::SecretString)>,
}

/// Said here and nowhere else: this answer carries the secrets.
fn in_the_clear<S: Serializer>(
    tokens: &[(String, secrecy::SecretString)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(tokens.iter().map(|(connector, token)| (connector, token.expose_secret())))
}

impl From<ChargeableMethod> for ChargeMaterial {
    fn from(method: ChargeableMethod) -> Self {
        Self {
            id: method.id,
            customer_id: method.customer_id,
            merchant_account_id: method.merchant_account_id,
            method_type: method.method_type,
            brand: method.brand,
            last4: method.last4,
            exp_month: method.exp_month,
            exp_year: method.exp_year,
            fingerprint: method.fingerprint,
            bin: method.bin,
            account_country: method.account_country,
            tokens: method.tokens,
        }
    }
}

/// Reads a payment method with its connector tokens.
///
/// For services of the platform, by their signed token; the tenant is the token's. Every call is a line of the log of secret
/// reads.
#[utoipa::path(
    tag = "internal",
    security(("bearer" = ["service:internal"])),
    params(("method_id" = String, Path, description = "The method's id (`pm_…`)")),
    responses(
        (status = 200, description = "The method with its tokens", body = ChargeMaterial),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Not a service of the platform", body = Problem),
        (status = 404, description = "No such method", body = Problem),
        (status = 503, description = "The tokens cannot be read now", body = Problem),
    )
)]
#[post("/internal/methods/{method_id}/charge-material")]
pub(super) async fn charge_material(
    caller: Authorized<scopes::ServiceInternal>,
    id: web::Path<String>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let reader = Reader::Service(Arc::clone(&caller.subject));
    let method =
        vault.read_for_charge(reader, &caller.tenant, parse_id(&id)?).await.map_err(|error| match error {
            // A code of its own: a caller must not take a wrong address for a method that is not there.
            MethodLookupError::NotFound(_) => {
                Problem::new(404, "method_not_found", "there is no such payment method")
            }
            MethodLookupError::Unavailable(_) => Problem::service_unavailable(UNAVAILABLE_RETRY_SECONDS),
        })?;
    let mut response = respond_json(200, &ChargeMaterial::from(method));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What a card form carries so that the vault takes it.
#[derive(Serialize, ToSchema)]
struct CardFormTicket {
    /// Signed, for one form only.
    ticket: String,
}

/// A card form that is to be signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignCardForm {
    /// The payment link.
    #[schema(example = "pl_01h2xcejqtf2nbrexx3vqjhp41")]
    link: String,
    /// What tells this form from every other.
    nonce: String,
    /// Whether it is about live money.
    livemode: bool,
    /// Until when it may be sent.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A method that was made of a card form.
#[derive(Serialize, ToSchema)]
struct CardFormMethod {
    /// Its id.
    id: String,
    /// The card's scheme.
    brand: String,
    /// The card's last four digits.
    last4: String,
}

/// Signs a card form of the hosted payment page.
///
/// For services of the platform, by their signed token; the tenant is the token's.
#[utoipa::path(
    operation_id = "sign_card_form",
    tag = "internal",
    security(("bearer" = ["service:internal"])),
    request_body = SignCardForm,
    responses(
        (status = 200, description = "What the form carries", body = CardFormTicket),
        (status = 400, description = "Malformed", body = Problem),
        (status = 503, description = "It cannot be signed now", body = Problem),
    )
)]
#[post("/internal/card-forms")]
pub(super) async fn sign_card_form(
    caller: Authorized<scopes::ServiceInternal>,
    command: Command<SignCardForm>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let body = command.body;
    let form = CardForm {
        tenant: caller.tenant.clone(),
        link: parse_id::<PaymentLinkKind>(&body.link)?,
        nonce: body.nonce,
        livemode: body.livemode,
        expires_at: body.expires_at,
    };
    let ticket = vault.ticket(&form).await;
    let ticket = ticket.map_err(|_| Problem::service_unavailable(UNAVAILABLE_RETRY_SECONDS))?;
    Ok(respond_json(200, &CardFormTicket { ticket }))
}

/// Tells which method was made of a card form.
///
/// For services of the platform, by their signed token; the tenant is the token's.
#[utoipa::path(
    operation_id = "get_card_form_method",
    tag = "internal",
    security(("bearer" = ["service:internal"])),
    params(
        ("link_id" = String, Path, description = "The payment link"),
        ("nonce" = String, Path, description = "What tells the form from every other"),
    ),
    responses(
        (status = 200, description = "The method", body = CardFormMethod),
        (status = 404, description = "No card was sent by this form", body = Problem),
        (status = 503, description = "It cannot be read now", body = Problem),
    )
)]
#[get("/internal/card-forms/{link_id}/{nonce}")]
pub(super) async fn card_form_method(
    caller: Authorized<scopes::ServiceInternal>,
    path: web::Path<(String, String)>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let (link, nonce) = path.into_inner();
    let found = vault.method(&caller.tenant, parse_id::<PaymentLinkKind>(&link)?, &nonce).await;
    let found = found.map_err(|_| Problem::service_unavailable(UNAVAILABLE_RETRY_SECONDS))?;
    // A code of its own: a wrong address is a 404 too, and says nothing about the form.
    let none = || Problem::new(404, "card_form_not_sent", "no card was sent by this form");
    let method = found.ok_or_else(none)?;
    let (brand, last4) = (method.brand, method.last4);
    Ok(respond_json(200, &CardFormMethod { id: method.id.to_string(), brand, last4 }))
}
