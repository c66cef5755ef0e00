//! Limits of requests: 429 with `Retry-After`, and how much is left on every answer.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use tender_domain::kernel::{Caller, StoreError};
use tender_domain::ports::{Clock, RateLimit, RateLimiter, RateVerdict};

use crate::Problem;

// As draft-ietf-httpapi-ratelimit-headers has them.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Lets requests in as far as their limits have room. Cheap to clone.
#[derive(Clone)]
pub struct RateGate {
    limiter: Arc<dyn RateLimiter>,
    clock: Arc<dyn Clock>,
}

impl RateGate {
    /// A gate that counts with this limiter.
    #[must_use]
    pub fn new(limiter: Arc<dyn RateLimiter>, clock: Arc<dyn Clock>) -> Self {
        Self { limiter, clock }
    }

    /// Counts one request of the caller under each of the limits, in their order, until one has no room for it. The
    /// verdicts say which were asked; the request was let in if all of them allow it.
    ///
    /// # Errors
    /// When it cannot be counted. Then it is not let in.
    pub async fn admit(&self, caller: &Caller, limits: &[RateLimit]) -> Result<RateHeaders, StoreError> {
        let now = self.clock.now();
        let mut verdicts = Vec::with_capacity(limits.len());
        for limit in limits {
            let verdict = self.limiter.take(&caller.tenant, &caller.subject, *limit, now).await?;
            verdicts.push(verdict);
            if !verdict.allowed {
                break;
            }
        }
        Ok(RateHeaders(verdicts))
    }
}

/// What the limits of a request said, as headers of its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateHeaders(Vec<RateVerdict>);

impl RateHeaders {
    /// The limit that had no room, if one had none.
    #[must_use]
    pub fn refusal(&self) -> Option<&RateVerdict> {
        self.0.iter().find(|verdict| !verdict.allowed)
    }

    /// Lays `RateLimit-Policy` and `RateLimit` over an answer, and `Retry-After` over a refusal.
    #[must_use]
    pub fn over(&self, mut response: HttpResponse) -> HttpResponse {
        let policy = |verdict: &RateVerdict| {
            format!(
                r#""{}";q={};w={}"#,
                verdict.limit.name,
                verdict.limit.max,
                verdict.limit.window.as_secs()
            )
        };
        let left = |verdict: &RateVerdict| {
            let reset = whole_seconds(verdict.reset_after);
            format!(r#""{}";r={};t={reset}"#, verdict.limit.name, verdict.remaining)
        };
        let headers = response.headers_mut();
        for (name, value) in [(POLICY, self.listed(policy)), (LIMIT, self.listed(left))] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        if let Some(refused) = self.refusal() {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(refused.reset_after)));
        }
        response
    }

    fn listed(&self, text: impl Fn(&RateVerdict) -> String) -> Option<String> {
        let items: Vec<String> = self.0.iter().map(text).collect();
        (!items.is_empty()).then(|| items.join(", "))
    }
}

impl Problem {
    /// 429: a limit of requests is reached. [`RateHeaders::over`] lays the headers over its response.
    #[must_use]
    pub fn too_many_requests(refused: &RateVerdict) -> Self {
        Self::new(429, "too_many_requests", in_words(refused)).retryable(true)
    }
}

/// What was reached and when to come again, for a person.
fn in_words(refused: &RateVerdict) -> String {
    format!(
        "at most {} {} in {} seconds are let in; come again in {} seconds",
        refused.limit.max,
        refused.limit.name,
        refused.limit.window.as_secs(),
        whole_seconds(refused.reset_after)
    )
}

/// Rounded up, so that who comes then finds room.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUESTS: RateLimit = RateLimit::per_minute("requests", 30);
    const PAYMENTS: RateLimit = RateLimit::per_hour("payments", 10);

    fn verdict(limit: RateLimit, remaining: u32, millis: u64) -> RateVerdict {
        RateVerdict { limit, allowed: remaining > 0, remaining, reset_after: Duration::from_millis(millis) }
    }

    fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
        response.headers().get(name)?.to_str().ok()
    }

    #[test]
    fn an_answer_says_of_every_limit_what_is_left() {
        let headers = RateHeaders(vec![verdict(REQUESTS, 29, 60_000), verdict(PAYMENTS, 4, 1_500)]);
        let response = headers.over(HttpResponse::Ok().finish());
        assert_eq!(
            header(&response, "ratelimit-policy"),
            Some(r#""requests";q=30;w=60, "payments";q=10;w=3600"#)
        );
        assert_eq!(header(&response, "ratelimit"), Some(r#""requests";r=29;t=60, "payments";r=4;t=2"#));
        assert_eq!(header(&response, "retry-after"), None);
        assert_eq!(headers.refusal(), None);
    }

    #[test]
    fn a_refusal_says_when_to_come_again_rounded_up() {
        let headers = RateHeaders(vec![verdict(REQUESTS, 0, 17_001)]);
        let refused = headers.refusal().expect("it is refused");
        let response = headers.over(Problem::too_many_requests(refused).into());
        assert_eq!(response.status(), 429);
        assert_eq!(header(&response, "retry-after"), Some("18"));
        assert_eq!(header(&response, "ratelimit"), Some(r#""requests";r=0;t=18"#));
    }

    #[test]
    fn without_limits_there_are_no_headers() {
        let response = RateHeaders::default().over(HttpResponse::Ok().finish());
        assert_eq!(response.headers().iter().count(), 0);
    }
}
