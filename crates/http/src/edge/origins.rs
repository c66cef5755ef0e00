//! Calls of browsers from pages of other origins (Fetch standard, CORS): by the origins that each tenant allows.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, HeaderMap,
    HeaderName, HeaderValue, ORIGIN, VARY,
};
use tender_domain::kernel::{Credential, TenantId, Version};
use tender_domain::ports::OriginMemory;

use crate::auth::known_caller;

/// What a page may send.
const ALLOWED_HEADERS: &str =
    "authorization, content-type, idempotency-key, if-match, traceparent, x-request-id, x-tenant-id";
/// What a page may see of an answer, beside what every page may see.
const EXPOSED_HEADERS: &str =
    "etag, idempotent-replayed, link, location, retry-after, server-timing, x-request-id";
/// How long a browser need not ask again, in seconds.
const MAX_AGE_SECONDS: &str = "600";

/// The origins that tenants allow, as this process knows them.
#[derive(Debug, Default)]
pub struct AllowedOrigins(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    tenants: HashMap<TenantId, (Version, Vec<String>)>,
    by_origin: HashMap<String, BTreeSet<TenantId>>,
}

impl OriginMemory for AllowedOrigins {
    fn remember(&self, tenant: &TenantId, version: Version, origins: &[String]) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Known { tenants, by_origin } = &mut *known;
        let before = tenants.get(tenant);
        if before.is_some_and(|(newest, _)| *newest >= version) {
            return;
        }
        for origin in before.iter().flat_map(|(_, origins)| origins) {
            if let Some(allowing) = by_origin.get_mut(origin) {
                allowing.remove(tenant);
                if allowing.is_empty() {
                    by_origin.remove(origin);
                }
            }
        }
        for origin in origins {
            by_origin.entry(origin.clone()).or_default().insert(tenant.clone());
        }
        tenants.insert(tenant.clone(), (version, origins.to_vec()));
    }
}

impl AllowedOrigins {
    /// Whether this tenant allows the origin; without a tenant, whether any does: a browser asks before it calls
    /// without a credential, and whose the call will be is not known then.
    fn allows(&self, origin: &str, tenant: Option<&TenantId>) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let allowing = known.by_origin.get(origin);
        allowing.is_some_and(|allowing| tenant.is_none_or(|tenant| allowing.contains(tenant)))
    }

    /// Sets what a browser wants to read in the answer to a page of another origin: nothing, unless the origin is
    /// allowed. `path_tenant` is the tenant that the path names.
    pub(crate) fn answer(
        &self,
        request: &HttpRequest,
        path_tenant: Option<&TenantId>,
        headers: &mut HeaderMap,
    ) {
        let Some(origin) = request.headers().get(ORIGIN) else { return };
        headers.append(VARY, HeaderValue::from_static("origin"));
        let Ok(text) = origin.to_str() else { return };
        let asks_before = request.method() == Method::OPTIONS
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if asks_before {
            let methods = headers.get(ALLOW).cloned();
            if let Some(methods) = methods.filter(|_| self.allows(text, path_tenant)) {
                set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                set(headers, ACCESS_CONTROL_ALLOW_METHODS, methods);
                set(headers, ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
                set(headers, ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_SECONDS));
            }
            return;
        }
        let Some(caller) = known_caller(request) else { return };
        // What may be in a browser; a secret key that is found there is not helped along.
        let of_browser =
            matches!(caller.credential, Credential::PublishableKey(_) | Credential::ClientSecret(_));
        if of_browser && self.allows(text, Some(&caller.tenant)) {
            set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            set(headers, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "https://shop.example";

    fn tenant(name: &str) -> TenantId {
        name.parse().expect("a tenant")
    }

    #[test]
    fn an_origin_is_allowed_by_the_tenants_that_name_it_and_by_their_newest_settings() {
        let known = AllowedOrigins::default();
        let (acme, other) = (tenant("acme"), tenant("other"));
        let origins = |list: &[&str]| list.iter().map(|&origin| origin.to_owned()).collect::<Vec<_>>();
        known.remember(&acme, Version::new(2), &origins(&[SHOP]));
        assert!(known.allows(SHOP, Some(&acme)) && known.allows(SHOP, None));
        assert!(!known.allows(SHOP, Some(&other)) && !known.allows("https://evil.example", None));
        // Older settings that come late.
        known.remember(&acme, Version::new(1), &origins(&["https://old.example"]));
        assert!(known.allows(SHOP, Some(&acme)) && !known.allows("https://old.example", None));
        known.remember(&other, Version::new(1), &origins(&[SHOP]));
        known.remember(&acme, Version::new(3), &[]);
        assert!(!known.allows(SHOP, Some(&acme)) && known.allows(SHOP, Some(&other)));
    }
}
