//! Every service's OpenAPI document is complete: what a client needs to know of a route is in it.

use std::collections::BTreeSet;

use serde_json::Value;
use tender_domain::kernel::Scope;

use crate::routes::{OPEN, SERVICES, document};
use crate::schemas::{objects, references, resolve};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const SUMMARY_CHARS: usize = 110;
/// Answers that are errors and no problem details: a health report has one body whatever its status.
const NO_PROBLEM: &str = "/v1/payments/health";

/// Where gateways call: each event is taken once by its own id, and gateways send no key.
const BY_EVENT_ID: &str = "/v1/payments/webhook/gateway";
/// Takes one content that was declared before: sent again, it is the same.
const BY_CONTENT: &str = "/v1/payments/uploads/{upload_id}/content";

/// An operation of a service's document.
struct Operation {
    service: &'static str,
    method: &'static str,
    path: String,
    value: Value,
}

impl Operation {
    fn name(&self) -> String {
        format!("{}: {} {}", self.service, self.method.to_uppercase(), self.path)
    }

    /// Whether the conventions of the API's own form bind it; a storefront dialect keeps the form of its document.
    fn is_core(&self) -> bool {
        self.path.starts_with("/v1/payments/")
    }

    fn parameters(&self) -> impl Iterator<Item = &Value> {
        self.value["parameters"].as_array().into_iter().flatten()
    }

    fn has_parameter(&self, place: &str, name: &str) -> bool {
        self.parameters().any(|one| one["in"] == place && one["name"] == name)
    }
}

fn documents() -> Vec<(&'static str, Value)> {
    let json = |declare| serde_json::to_value(document(declare)).expect("a document has a JSON form");
    SERVICES.iter().map(|(service, declare)| (*service, json(*declare))).collect()
}

fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (service, document) in documents() {
        for (path, item) in document["paths"].as_object().expect("a document has paths") {
            for method in METHODS {
                if let Some(value) = item.get(method) {
                    found.push(Operation { service, method, path: path.clone(), value: value.clone() });
                }
            }
        }
    }
    assert!(found.len() > 20, "the documents have {} operations", found.len());
    found
}

/// Fails with all that is missing, not only the first.
#[track_caller]
fn nothing_missing(missing: Vec<String>) {
    assert!(missing.is_empty(), "{} things are missing:\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn every_operation_says_in_one_sentence_what_it_does_and_where_it_belongs() {
    let mut missing = Vec::new();
    for operation in operations() {
        let (name, value) = (operation.name(), &operation.value);
        let summary = value["summary"].as_str().unwrap_or_default();
        let one_sentence = summary.ends_with('.') && !summary.contains(". ") && summary.contains(' ');
        if !one_sentence || summary.chars().count() > SUMMARY_CHARS {
            missing.push(format!("{name}: a summary of one sentence: {summary:?}"));
        }
        let tags: Vec<&str> =
            value["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if tags.len() != 1 || tags[0].chars().any(char::is_uppercase) {
            missing.push(format!("{name}: one tag in lower case: {tags:?}"));
        }
    }
    nothing_missing(missing);
}

#[test]
fn operation_ids_are_there_and_unique_over_all_services() {
    let (mut seen, mut missing) = (BTreeSet::new(), Vec::new());
    for operation in operations() {
        let id = operation.value["operationId"].as_str().unwrap_or_default().to_owned();
        if id.is_empty() || !seen.insert(id.clone()) {
            missing.push(format!("{}: an operationId of its own: {id:?}", operation.name()));
        }
    }
    nothing_missing(missing);
}

#[test]
fn every_operation_asks_for_one_scope_that_exists() {
    let mut missing = Vec::new();
    for operation in operations() {
        let method = operation.method.to_uppercase();
        let is_open = OPEN.iter().any(|(known, path, _)| *known == method && *path == operation.path);
        let requirements = operation.value["security"].as_array().cloned().unwrap_or_default();
        let scopes: Vec<&str> = requirements
            .iter()
            .filter_map(|one| one["bearer"].as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let known = scopes.iter().all(|scope| scope.parse::<Scope>().is_ok());
        let asks_for_one = scopes.len() == 1 || (is_open && scopes.is_empty());
        if !asks_for_one || !known || (requirements.len() != 1 && !is_open) {
            missing.push(format!("{}: security with one scope: {requirements:?}", operation.name()));
        }
    }
    nothing_missing(missing);
}

#[test]
fn every_reference_leads_to_a_schema() {
    for (service, document) in documents() {
        let mut found = Vec::new();
        references(&document, "#", &mut found);
        for (place, target) in found {
            let there = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            assert!(there.is_some(), "{service}: {place} refers to {target}");
        }
    }
}

#[test]
fn parameters_are_described_and_those_of_the_path_are_all_there() {
    let mut missing = Vec::new();
    for operation in operations() {
        let name = operation.name();
        for parameter in operation.parameters() {
            let described = parameter["description"].as_str().is_some_and(|text| !text.is_empty());
            if !described || parameter["schema"].is_null() {
                missing.push(format!("{name}: a description and a schema of {}", parameter["name"]));
            }
            let hole = format!("{{{}}}", parameter["name"].as_str().unwrap_or_default());
            if parameter["in"] == "path" && !operation.path.contains(&hole) {
                missing.push(format!("{name}: {} is not in the path", parameter["name"]));
            }
        }
        for segment in operation.path.split('/') {
            if let Some(wanted) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
                && !operation.has_parameter("path", wanted)
            {
                missing.push(format!("{name}: the path's parameter {wanted}"));
            }
        }
        if operation.is_core()
            && operation.method != "get"
            && !operation.path.starts_with(BY_EVENT_ID)
            && operation.path != BY_CONTENT
            && !operation.has_parameter("header", "Idempotency-Key")
        {
            missing.push(format!("{name}: the header Idempotency-Key"));
        }
    }
    nothing_missing(missing);
}

#[test]
fn every_answer_has_a_schema_and_every_refusal_is_problem_details() {
    let mut missing = Vec::new();
    for operation in operations() {
        let name = operation.name();
        let responses = operation.value["responses"].as_object().expect("an operation has responses");
        // JSON of the API, a page or its styles, or where a browser is sent on to.
        let has_schema = |response: &Value| {
            let mut bodies = response["content"].as_object().into_iter().flat_map(|types| types.values());
            bodies.any(|body| !body["schema"].is_null())
        };
        let succeeds = responses.iter().any(|(status, response)| {
            status.starts_with('3') || status.starts_with('2') && has_schema(response)
        });
        if !succeeds {
            missing.push(format!("{name}: the schema of its answer"));
        }
        // A document that says of every other status "a refusal" holds nobody to anything.
        if responses.contains_key("default")
            || !["400", "429", "500", "503"].iter().all(|one| responses.contains_key(*one))
        {
            missing.push(format!("{name}: the refusals that any route may answer, by their statuses"));
        }
        if !operation.path.starts_with("/v1/payments/") && !operation.path.starts_with("/internal/") {
            continue;
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
            if *problem != "#/components/schemas/Problem" && operation.path != NO_PROBLEM {
                missing.push(format!("{name}: {status} as application/problem+json"));
            }
        }
        if !operation.value["requestBody"].is_null() && !responses.contains_key("400") {
            missing.push(format!("{name}: 400, for a body that is malformed"));
        }
        if operation.path.contains("_id}") && !responses.contains_key("404") {
            missing.push(format!("{name}: 404, for an id that is not there"));
        }
    }
    nothing_missing(missing);
}

#[test]
fn every_body_of_the_core_api_refuses_unknown_fields() {
    let mut missing = Vec::new();
    for (service, document) in documents() {
        for operation in operations().into_iter().filter(|one| one.service == service && one.is_core()) {
            let body = &operation.value["requestBody"]["content"]["application/json"]["schema"];
            if body.is_null() {
                continue;
            }
            let mut found = Vec::new();
            objects(&document, body, "body", &mut found);
            if found.is_empty() {
                missing.push(format!(
                    "{}: a schema of its body: {}",
                    operation.name(),
                    resolve(&document, body)
                ));
            }
            for (place, schema) in found {
                if schema["additionalProperties"] != Value::Bool(false) {
                    missing.push(format!("{}: {place} refuses unknown fields", operation.name()));
                }
            }
        }
    }
    nothing_missing(missing);
}

#[test]
fn every_schema_and_every_field_of_one_is_described() {
    let mut missing = Vec::new();
    for (service, document) in documents() {
        for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
            for (field, property) in schema["properties"].as_object().into_iter().flatten() {
                // A field that is nothing but another schema, or null, is described there.
                let parts = property["oneOf"].as_array().into_iter().flatten();
                let mut told = [property, resolve(&document, property)].into_iter().chain(parts);
                if !told.any(|one| one["description"].as_str().is_some_and(|text| !text.is_empty())) {
                    missing.push(format!("{service}: {name}.{field}"));
                }
            }
        }
    }
    nothing_missing(missing);
}

#[test]
fn a_schema_of_one_name_is_the_same_in_every_service() {
    // The all-in-one serves one document of all five: of two schemas with one name it would show one.
    let (mut known, mut missing) = (std::collections::BTreeMap::new(), Vec::new());
    for (service, document) in documents() {
        for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
            let (first, there) = known.entry(name.clone()).or_insert_with(|| (service, schema.clone()));
            if there != schema {
                missing.push(format!(
                    "{service}: a name of its own for the schema {name}, which {first} has otherwise"
                ));
            }
        }
    }
    nothing_missing(missing);
}
