//! On the way in.

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::header::HeaderMap;
use tender_domain::kernel::{TenantId, find_card_number};
use tracing::Span;

use crate::context::RequestContext;
use crate::timing::ServerTiming;
use crate::trace::TraceContext;
use crate::work::Unfinished;

const REQUEST_ID_CHARS: usize = 128;

/// What is known of the request, and its span as a child of what the client sent. The path's tenant form is made
/// plain on the way.
pub(super) fn context(request: &mut ServiceRequest, unfinished: Unfinished) -> (RequestContext, Span) {
    let path = request.path().to_owned();
    let path_tenant = take_tenant(request);
    let request_id = request_id(request.headers());
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        method = %request.method(),
        route = tracing::field::Empty,
        status = tracing::field::Empty,
        request_id,
    );
    let parent = single(request.headers(), "traceparent").and_then(|text| text.parse().ok());
    let trace = TraceContext::of_span(&span, parent);
    let timing = ServerTiming::default();
    (RequestContext { request_id, path, path_tenant, trace, timing, unfinished }, span)
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The client's id, when it is short and plain enough for a log line, and no card number; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    let sane = |id: &&str| !id.is_empty() && id.len() <= REQUEST_ID_CHARS && id.bytes().all(plain);
    let is_told = |id: &&str| sane(id) && find_card_number(id).is_ok();
    match single(headers, "x-request-id").filter(is_told) {
        Some(id) => id.to_owned(),
        None => format!("req_{:032x}", rand::random::<u128>()),
    }
}

/// Makes `/v1/{tenantId}/payments/…` into `/v1/payments/…` and gives the tenant. A segment that cannot be a tenant
/// leaves the path as it is: there is no such route.
fn take_tenant(request: &mut ServiceRequest) -> Option<TenantId> {
    let (tenant, plain) = split_tenant(request.path())?;
    let path_and_query = match request.uri().query() {
        Some(query) => format!("{plain}?{query}"),
        None => plain,
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path_and_query.parse().ok()?);
    let uri = Uri::from_parts(parts).ok()?;
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
    Some(tenant)
}

fn split_tenant(path: &str) -> Option<(TenantId, String)> {
    let (segment, rest) = path.strip_prefix("/v1/")?.split_once('/')?;
    let payments = rest == "payments" || rest.starts_with("payments/");
    if segment == "payments" || !payments {
        return None;
    }
    Some((segment.parse().ok()?, format!("/v1/{rest}")))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    #[test]
    fn a_requests_id_is_the_clients_when_it_can_stand_in_a_log_line_and_is_no_card_number() {
        let id_of = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("x-request-id"), id.parse().expect("a header's value"));
            request_id(&headers)
        };
        assert_eq!(id_of("till-7:2026-11-30"), "till-7:2026-11-30");
        for other in ["4242424242424242", "till-4242-4242-4242-4242", "two words", ""] {
            assert!(id_of(other).starts_with("req_"), "{other}");
        }
    }

    #[test]
    fn only_the_tenants_form_of_a_path_names_a_tenant() {
        let split = |path| split_tenant(path).map(|(tenant, path)| (tenant.to_string(), path));
        assert_eq!(split("/v1/acme/payments/intents"), Some(("acme".into(), "/v1/payments/intents".into())));
        assert_eq!(split("/v1/acme/payments"), Some(("acme".into(), "/v1/payments".into())));
        for plain in
            ["/v1/payments/payments", "/v1/payments/intents", "/v1/ACME/payments", "/v1/acme/other", "/"]
        {
            assert_eq!(split(plain), None, "{plain}");
        }
    }
}
