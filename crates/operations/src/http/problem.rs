use tender_domain::operations::{ApiKeyRefusal, SettingsRefusal, TenantRefusal};
use tender_http::Problem;

use crate::OperationsError;

impl From<OperationsError> for Problem {
    fn from(error: OperationsError) -> Self {
        match error {
            OperationsError::Tenant(refusal) => tenant(&refusal),
            OperationsError::UnknownTenant(_) => Self::not_found("tenant"),
            OperationsError::ApiKey(refusal) => api_key(&refusal),
            OperationsError::UnknownKey(_) => Self::not_found("API key"),
            OperationsError::Settings(refusal) => settings(&refusal),
            OperationsError::Stale(problem) | OperationsError::KeyReused(problem) => problem,
            OperationsError::Store(error) => error.into(),
            OperationsError::Commit(error) => error.into(),
        }
    }
}

const CARD_NUMBER: &str = "card_number_detected";

fn tenant(refusal: &TenantRefusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        TenantRefusal::Exists(_) => Problem::conflict("tenant_exists", detail),
        TenantRefusal::BadDisplayName => Problem::unprocessable("invalid_name", detail),
        TenantRefusal::CardNumber(_) => Problem::unprocessable(CARD_NUMBER, detail),
    }
}

fn api_key(refusal: &ApiKeyRefusal) -> Problem {
    let detail = refusal.to_string();
    let unprocessable =
        |code, pointer: &str| Problem::unprocessable(code, detail.clone()).pointer(pointer, detail.clone());
    match refusal {
        ApiKeyRefusal::BadName => unprocessable("invalid_name", "/name"),
        ApiKeyRefusal::CardNumber(_) => unprocessable(CARD_NUMBER, "/name"),
        ApiKeyRefusal::NoScope => unprocessable("scope_required", "/scopes"),
        ApiKeyRefusal::ExceedsIssuer(scope) => Problem::forbidden(*scope).pointer("/scopes", detail),
        ApiKeyRefusal::ReservedScope(_) => unprocessable("unknown_scope", "/scopes"),
        ApiKeyRefusal::NotPublishable(_) => unprocessable("scope_not_publishable", "/scopes"),
    }
}

fn settings(refusal: &SettingsRefusal) -> Problem {
    let code = match refusal {
        SettingsRefusal::CardNumber(_) => CARD_NUMBER,
        _ => "invalid_setting",
    };
    let detail = refusal.to_string();
    Problem::unprocessable(code, detail.clone()).pointer(format!("/{}", refusal.field()), detail)
}
