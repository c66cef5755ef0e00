//! The tables of `docs/api-design.md`: which route asks for which scope, and which role has it.

use std::fmt::Write;

use serde_json::Value;
use tender_domain::kernel::{RoleName, Scope};
use tender_http::{Application, DeclaredRoute};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::repository::hold_section;

const PAGE: &str = "docs/api-design.md";

/// Routes that a caller needs no credential for, and why.
pub(crate) const OPEN: &[(&str, &str, &str)] = &[
    ("POST", "/tickets/payments", "in the sandbox without a credential, as the tickets document has it"),
    ("POST", "/v1/payments/webhook/gateway", "the gateway's signature is the credential"),
    ("POST", "/v1/payments/webhook/gateway/{connector_id}", "the gateway's signature is the credential"),
    ("GET", "/pay/{token}", BY_TOKEN),
    ("GET", "/pay/{token}/review", BY_TOKEN),
    ("POST", "/pay/{token}/confirm", BY_TOKEN),
    ("POST", "/pay/{token}/method", BY_TOKEN),
    ("GET", "/pay/{token}/return", BY_TOKEN),
    ("POST", "/pay/{token}/card", BY_TOKEN),
    ("GET", "/pay-assets/pay.css", "without a credential"),
    ("PUT", "/v1/payments/uploads/{upload_id}/content", BY_SIGNATURE),
    ("GET", "/v1/payments/uploads/{upload_id}/content", BY_SIGNATURE),
    ("GET", "/hotels/payments/{payment_id}/return", ASKED),
    ("GET", "/hotels/payments/{payment_id}/notify", ASKED),
    ("POST", "/hotels/payments/{payment_id}/notify", ASKED),
    ("POST", "/rentals/payments/gateway/{gateway}/callback", ASKED),
];

const BY_TOKEN: &str = "without a credential: whoever has the payment link's token";

const BY_SIGNATURE: &str = "without a credential: whoever has the address that was signed, for its time";

const ASKED: &str = "without a credential: nothing is believed, the gateway is asked";

/// Declares a service's routes.
pub(crate) type Declare = fn(&mut ServiceConfig<'_>);

/// The five services, with every route they declare.
pub(crate) const SERVICES: [(&str, Declare); 5] = [
    ("intents", intents),
    ("vault", tender_vault::routes),
    ("refunds", tender_refunds::routes),
    ("settlement", tender_settlement::routes),
    ("operations", tender_operations::routes),
];

fn intents(config: &mut ServiceConfig<'_>) {
    tender_intents::routes(config);
    tender_intents::internal_routes(config);
    tender_intents::sandbox_routes(config);
}

/// The OpenAPI document of a service.
pub(crate) fn document(declare: Declare) -> OpenApi {
    Application::new("Tender", declare).openapi()
}

/// Why a route is open; none when it is not.
pub(crate) fn open_because(route: &DeclaredRoute) -> Option<&'static str> {
    let is_it = |(method, path, _): &&(&str, &str, &str)| *method == route.method && *path == route.path;
    OPEN.iter().find(is_it).map(|(_, _, because)| *because)
}

/// Whether a route's declaration lets callers in without a credential.
pub(crate) fn declared_open(document: &Value, route: &DeclaredRoute) -> bool {
    let operation = &document["paths"][&route.path][route.method.to_lowercase()];
    let requirements = operation["security"].as_array();
    requirements.is_none_or(|all| {
        all.is_empty() || all.iter().any(|one| *one == Value::Object([].into_iter().collect()))
    })
}

#[test]
fn the_page_says_which_route_asks_for_which_scope() {
    let mut text = String::new();
    for (service, declare) in SERVICES {
        let _ = write!(text, "**{service}**\n\n| route | scope | what it does |\n|---|---|---|\n");
        for route in DeclaredRoute::all(&document(declare)) {
            let scopes: Vec<String> = route.scopes.iter().map(|scope| format!("`{scope}`")).collect();
            let joint = if scopes.is_empty() { "none: " } else { "; " };
            let open = open_because(&route).map(|because| format!("{joint}{because}")).unwrap_or_default();
            let summary = route.summary.trim_end_matches('.');
            let _ = writeln!(
                text,
                "| `{} {}` | {}{open} | {summary} |",
                route.method,
                route.path,
                scopes.join(", ")
            );
        }
        text.push('\n');
    }
    hold_section(PAGE, "routes", &text);
}

#[test]
fn the_page_says_which_role_has_which_scopes() {
    let names = RoleName::ALL.iter().map(|role| format!("`{}`", role.as_str()));
    let header = names.collect::<Vec<_>>().join(" | ");
    let mut text = format!("| scope | {header} |\n|---|{}\n", ":-:|".repeat(RoleName::ALL.len()));
    for scope in Scope::ALL {
        let has = RoleName::ALL.iter().map(|role| if role.scopes().contains(*scope) { "✓" } else { "" });
        let _ = writeln!(text, "| `{scope}` | {} |", has.collect::<Vec<_>>().join(" | "));
    }
    let _ = write!(text, "\nNo role has `{}`: only the platform's own services do.", Scope::ServiceInternal);
    hold_section(PAGE, "roles", &text);
}

#[test]
fn a_route_is_open_only_where_it_is_listed_with_the_reason() {
    for (service, declare) in SERVICES {
        let document = document(declare);
        let json = serde_json::to_value(&document).expect("a document has a JSON form");
        for route in DeclaredRoute::all(&document) {
            assert_eq!(
                declared_open(&json, &route),
                open_because(&route).is_some(),
                "{service}: {} {} is declared open or not otherwise than the list OPEN has it",
                route.method,
                route.path
            );
        }
    }
}
