//! The routes that an application declares, and what is answered where there is none.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::leave::not_allowed;
use crate::Problem;

/// A route as its OpenAPI declaration has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredRoute {
    /// `GET`, `POST` …
    pub method: String,
    /// The path's pattern: `/v1/payments/intents/{id}`.
    pub path: String,
    /// What it is for, in one line.
    pub summary: String,
    /// The scopes it asks for.
    pub scopes: Vec<String>,
}

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

impl DeclaredRoute {
    /// Every route of a document, by path.
    #[must_use]
    pub fn all(document: &OpenApi) -> Vec<Self> {
        let document = serde_json::to_value(document).unwrap_or_default();
        let Some(paths) = document.get("paths").and_then(Value::as_object) else { return Vec::new() };
        let mut routes = Vec::new();
        for (path, item) in paths {
            let declared = METHODS.iter().filter_map(|method| Some((method, item.get(method)?)));
            routes.extend(declared.map(|(method, operation)| Self {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: operation.get("summary").and_then(Value::as_str).unwrap_or_default().to_owned(),
                scopes: scopes(operation),
            }));
        }
        routes
    }
}

fn scopes(operation: &Value) -> Vec<String> {
    let requirements = operation.get("security").and_then(Value::as_array).into_iter().flatten();
    let lists = requirements.filter_map(Value::as_object).flat_map(|requirement| requirement.values());
    lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Which methods a path takes.
pub(crate) struct RouteTable(Vec<(ResourceDef, Vec<String>)>);

impl RouteTable {
    /// The table of a document's routes and of further paths that take `GET`.
    pub(crate) fn new(document: &OpenApi, pages: &[&str]) -> Self {
        let mut table: Vec<(String, Vec<String>)> = Vec::new();
        let pages = pages.iter().map(|path| ((*path).to_owned(), "GET".to_owned()));
        let routes = DeclaredRoute::all(document).into_iter().map(|route| (route.path, route.method));
        for (path, method) in routes.chain(pages) {
            match table.iter_mut().find(|(known, _)| *known == path) {
                Some((_, methods)) => methods.push(method),
                None => table.push((path, vec![method])),
            }
        }
        Self(table.into_iter().map(|(path, methods)| (ResourceDef::new(path), methods)).collect())
    }

    /// The value of `Allow` for a path; none when no route has it.
    fn allow(&self, path: &str) -> Option<String> {
        let matching = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let mut methods: Vec<&str> =
            matching.flat_map(|(_, methods)| methods.iter().map(String::as_str)).collect();
        if methods.is_empty() {
            return None;
        }
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        methods.dedup();
        Some(methods.join(", "))
    }
}

/// Answers what no route takes: 405 with `Allow` when the path has other methods, 404 else, 204 to `OPTIONS`.
pub(crate) async fn unmatched(request: HttpRequest, table: web::Data<RouteTable>) -> HttpResponse {
    match table.allow(request.path()) {
        None => Problem::not_found("path; `/openapi.json` lists them").into(),
        Some(allow) if request.method() == Method::OPTIONS => {
            let mut response = HttpResponse::NoContent().finish();
            if let Ok(allow) = HeaderValue::from_str(&allow) {
                response.headers_mut().insert(ALLOW, allow);
            }
            response
        }
        // The path has the method, but not with this text in it: `{id}` that is no number.
        Some(allow) if allow.split(", ").any(|method| method == request.method().as_str()) => {
            Problem::not_found("path; `/openapi.json` lists them").into()
        }
        Some(allow) => not_allowed(&allow),
    }
}
