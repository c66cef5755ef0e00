//! `/openapi.json`, and a page that shows it without anything from elsewhere.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, Info, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};

use crate::Problem;
use crate::problem::PROBLEM_JSON;

/// The paths beside the declared routes.
pub(super) const PAGES: &[&str] =
    &["/livez", "/readyz", "/openapi.json", "/docs", "/docs/page.js", "/docs/page.css"];

const POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'";

/// The document as text, made once.
pub(super) struct Rendered(String);

impl Rendered {
    pub(super) fn new(document: &OpenApi) -> Self {
        Self(document.to_json().expect("an OpenAPI document has a JSON form"))
    }
}

/// The document with what is the same for every route: the credential's form, the refusals that any route
/// may answer, and the media type of problem details wherever a route answers them.
pub(super) fn complete(mut document: OpenApi, title: &str) -> OpenApi {
    document.info = Info::new(title, env!("CARGO_PKG_VERSION"));
    let components = document.components.get_or_insert_with(Components::new);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key (`sk_…`, `pk_…`), a JWT, or an intent's client secret."))
        .build();
    components.security_schemes.insert("bearer".to_owned(), RefOr::T(SecurityScheme::Http(bearer)));
    let mut schemas = vec![("Problem".to_owned(), <Problem as utoipa::PartialSchema>::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for item in document.paths.paths.values_mut() {
        complete_responses(item);
    }
    document
}

/// Refusals that come before a route is asked, or instead of its answer, whatever it is; what a route says of one of
/// them itself stays.
const ANY_ROUTE: [(&str, &str); 4] = [
    ("400", "Malformed: a header, the query or the path."),
    ("429", "Too many requests; `Retry-After` says when to come again."),
    ("500", "A defect of ours; `trace_id` finds it."),
    ("503", "Away, or too busy; `Retry-After` says when to come again."),
];
/// The same of routes that ask for a credential.
const WITH_CREDENTIAL: [(&str, &str); 2] = [
    ("401", "No credential, or one that does not count."),
    ("403", "`insufficient_scope`, or `tenant_mismatch`."),
];
/// The same of routes with a body.
const WITH_BODY: [(&str, &str); 2] =
    [("413", "The body is longer than 1 MiB."), ("415", "The body's media type is not taken.")];

/// The same of routes that take an idempotency key.
const WITH_KEY: [(&str, &str); 2] = [
    ("409", "`idempotency_key_in_flight`: the first request with the key still runs."),
    ("422", "`idempotency_key_reused`: the key belongs to another request."),
];

fn takes_key(operation: &Operation) -> bool {
    let is_key = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(one) => one.parameter_in == ParameterIn::Header && one.name == "Idempotency-Key",
        RefOr::Ref(_) => false,
    };
    operation.parameters.iter().flatten().any(is_key)
}

fn complete_responses(item: &mut PathItem) {
    let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    for operation in operations.into_iter().flatten() {
        let asks = |requirement: &SecurityRequirement| *requirement != SecurityRequirement::default();
        let has_credential = operation.security.iter().flatten().any(asks);
        let (has_body, has_key) = (operation.request_body.is_some(), takes_key(operation));
        let responses = &mut operation.responses.responses;
        for response in responses.values_mut() {
            if let RefOr::T(response) = response {
                name_problem(response);
            }
        }
        let credential = WITH_CREDENTIAL.iter().filter(|_| has_credential);
        let body = WITH_BODY.iter().filter(|_| has_body);
        let key = WITH_KEY.iter().filter(|_| has_key);
        for (status, why) in ANY_ROUTE.iter().chain(credential).chain(body).chain(key) {
            responses.entry((*status).to_owned()).or_insert_with(|| RefOr::T(problem_response(why)));
        }
    }
}

/// Problem details have a media type of their own, whatever the route's declaration says of its body.
fn name_problem(response: &mut Response) {
    let problem = RefOr::Ref(Ref::from_schema_name("Problem"));
    let is_problem = |content: &RefOr<Content>| matches!(content, RefOr::T(content) if content.schema.as_ref() == Some(&problem));
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.swap_remove("application/json")
    {
        response.content.insert(PROBLEM_JSON.to_owned(), content);
    }
}

fn problem_response(why: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    ResponseBuilder::new().description(why).content(PROBLEM_JSON, Content::new(Some(schema))).build()
}

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/openapi.json", web::get().to(openapi))
        .route(
            "/docs",
            web::get().to(|| async { page("text/html; charset=utf-8", include_str!("docs/page.html")) }),
        )
        .route(
            "/docs/page.js",
            web::get().to(|| async { page("text/javascript", include_str!("docs/page.js")) }),
        )
        .route("/docs/page.css", web::get().to(|| async { page("text/css", include_str!("docs/page.css")) }));
}

async fn openapi(document: web::Data<Rendered>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(document.0.clone())
}

fn page(media_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(text)
}
