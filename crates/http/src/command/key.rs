//! `Idempotency-Key`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use tender_domain::kernel::{KeyScope, Limits, RequestFingerprint, find_card_number};

use crate::Problem;

const HEADER: &str = "idempotency-key";

/// An idempotency key with what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The route and the key's text.
    pub scope: KeyScope,
    /// Of which request.
    pub fingerprint: RequestFingerprint,
}

impl RequestKey {
    pub(super) const fn new(route: &'static str, key: Arc<str>, fingerprint: RequestFingerprint) -> Self {
        Self { scope: KeyScope { route, key }, fingerprint }
    }

    /// The key that a field of the body gives (`request_id`).
    ///
    /// # Errors
    /// 400 when the text is no key: empty, longer than 255 characters, or not visible ASCII. 422 when it holds a card
    /// number: keys are kept.
    pub fn from_body(
        route: &'static str,
        key: &str,
        fingerprint: RequestFingerprint,
    ) -> Result<Self, Problem> {
        check(key).map_err(|why| invalid(why).pointer("/request_id", why))?;
        if holds_card_number(key) {
            return Err(card_number().pointer("/request_id", NO_CARD_NUMBER));
        }
        Ok(Self::new(route, key.into(), fingerprint))
    }
}

pub(super) fn required() -> Problem {
    let detail = "this request moves money: send an `Idempotency-Key` header, a text of your own (a UUID will do) that \
                  stays the same when you send the request again";
    Problem::bad_request("idempotency_key_required", detail).parameter("Idempotency-Key", "required")
}

pub(super) fn ambiguous() -> Problem {
    let detail = "the header `Idempotency-Key` and the field `request_id` differ; send one of them";
    Problem::bad_request("idempotency_key_ambiguous", detail)
        .pointer("/request_id", "differs from the header")
}

fn invalid(why: &'static str) -> Problem {
    Problem::bad_request("invalid_idempotency_key", format!("the idempotency key {why}"))
}

const NO_CARD_NUMBER: &str = "must not hold a card number";

fn card_number() -> Problem {
    let detail = "the idempotency key holds what looks like a card number, and keys are kept; send a text of your own \
                  (a UUID will do)";
    Problem::unprocessable("card_number_detected", detail)
}

/// The digits of a card number that somebody may have taken for a key: all of it, or one of its words. Digits that
/// only lie side by side in a UUID, with dashes and letters between, are none.
fn holds_card_number(key: &str) -> bool {
    const DIGITS_MIN: usize = 13;
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let is_number = |text: &str, plain: fn(u8) -> bool| {
        digits(text) >= DIGITS_MIN && text.bytes().all(plain) && find_card_number(text).is_err()
    };
    is_number(key, |byte| byte.is_ascii_digit() || byte == b'-')
        || key
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| is_number(word, |byte| byte.is_ascii_digit()))
}

fn check(key: &str) -> Result<(), &'static str> {
    if key.is_empty() {
        return Err("is empty");
    }
    if key.len() > Limits::IDEMPOTENCY_KEY_CHARS {
        return Err("is longer than 255 characters");
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("has characters that are not visible ASCII");
    }
    Ok(())
}

/// The key that the header carries, if there is one.
pub(super) fn from_headers(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let refuse = |why| invalid(why).parameter("Idempotency-Key", why);
    let mut values = headers.get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(refuse("is there more than once"));
    }
    let text = value.to_str().map_err(|_| refuse("has characters that are not visible ASCII"))?.trim();
    let key = match text.strip_prefix('"') {
        Some(rest) => unquote(rest).ok_or_else(|| refuse("begins with a quote but is no quoted string"))?,
        None => text.to_owned(),
    };
    check(&key).map_err(refuse)?;
    if holds_card_number(&key) {
        return Err(card_number().parameter("Idempotency-Key", NO_CARD_NUMBER));
    }
    Ok(Some(key))
}

/// The inside of a quoted string (RFC 8941), from after its first quote.
fn unquote(rest: &str) -> Option<String> {
    let mut inside = String::with_capacity(rest.len());
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(inside),
            '\\' => inside.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            plain => inside.push(plain),
        }
    }
}

/// The routes met so far, with their method. They come from the router's patterns, so there are as many as the
/// application declares; the bound is for what must never be.
static ROUTES: LazyLock<RwLock<HashMap<String, &'static str>>> = LazyLock::new(RwLock::default);
const ROUTES_MAX: usize = 4096;
const UNMATCHED: &str = "unmatched";

/// The route that serves the request, with its method, as in `POST /v1/payments/intents/{id}/confirm`. One text per
/// route for the life of the process; `unmatched` when no route of the application serves it.
#[must_use]
pub fn route_of(request: &HttpRequest) -> &'static str {
    let Some(pattern) = request.match_pattern() else { return UNMATCHED };
    let route = format!("{} {pattern}", request.method());
    let known = ROUTES.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&route).copied();
    known.unwrap_or_else(|| intern(route))
}

fn intern(route: String) -> &'static str {
    let mut routes = ROUTES.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = routes.get(&route) {
        return known;
    }
    if routes.len() >= ROUTES_MAX {
        return UNMATCHED;
    }
    let kept: &'static str = Box::leak(route.clone().into_boxed_str());
    routes.insert(route, kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::holds_card_number;

    #[test]
    fn a_card_number_is_no_key_and_no_uuid_is_a_card_number() {
        for key in ["4242424242424242", "4242-4242-4242-4242", "order-4242424242424242", "378282246310005/1"]
        {
            assert!(holds_card_number(key), "{key}");
        }
        for key in [
            "42424242-4242-4242-8242-424242424242a",
            "a2424242-4242-4424-8242-424242424242",
            "4242424242424241",
            "1732240000123456789",
            "pay_4242",
        ] {
            assert!(!holds_card_number(key), "{key}");
        }
    }
}
