//! `/internal/methods/{id}/charge-material`: what intents needs for one charge. For services of the platform only.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, post, web};
use secrecy::ExposeSecret;
use serde::{Serialize, Serializer};
use tender_domain::kernel::MethodId;
use tender_domain::ports::{ChargeableMethod, MethodLookupError, MethodVault};
use tender_http::{Authorized, Problem, parse_id, respond_json, scopes};
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
    /// `card`.
    #[serde(rename = "type")]
    method_type: String,
    /// The card's scheme.
    brand: Option<String>,
    /// The card's last four digits.
    last4: Option<String>,
    /// Month of expiry, 1 to 12.
    exp_month: Option<u8>,
    /// Year of expiry, four digits.
    exp_year: Option<u16>,
    /// Equal for the same card of the same tenant.
    fingerprint: String,
    /// The first six digits of its number, when the vault saw the number.
    bin: Option<String>,
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
            method_type: method.method_type,
            brand: method.brand,
            last4: method.last4,
            exp_month: method.exp_month,
            exp_year: method.exp_year,
            fingerprint: method.fingerprint,
            bin: method.bin,
            tokens: method.tokens,
        }
    }
}

/// Reads a payment method with its connector tokens.
///
/// For services of the platform, by their signed token; the tenant is the token's. Every call is counted.
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
    let method =
        vault.method_for_charge(&caller.tenant, parse_id(&id)?).await.map_err(|error| match error {
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
