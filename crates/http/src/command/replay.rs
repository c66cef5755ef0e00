//! What a key that exists means for the request that carries it.

use tender_domain::kernel::{Answer, KeyRecord, KeyState, RequestFingerprint};

use crate::Problem;

const IN_FLIGHT_RETRY_SECONDS: u32 = 1;

/// What is to be done with a request whose idempotency key exists.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Replay {
    /// The same request is done: its answer again, with `Idempotent-Replayed: true`.
    Replay(Answer),
    /// The same request was begun and has no answer yet, on this resource. The caller decides: a first call that
    /// still runs makes it [`Replay::InFlight`], one that crashed is gone on with from what it committed.
    Resume(String),
    /// The first call still runs: 409.
    InFlight,
    /// The key belongs to another request: 422.
    OtherRequest,
}

/// What the record of a key means for a request with this fingerprint.
pub fn replay_or_conflict(record: KeyRecord, fingerprint: RequestFingerprint) -> Replay {
    if record.fingerprint != fingerprint {
        return Replay::OtherRequest;
    }
    match record.state {
        KeyState::Done(answer) => Replay::Replay(answer),
        KeyState::Started => Replay::Resume(record.resource),
    }
}

impl Replay {
    /// Turns a request that could be gone on with into one in flight when `runs` says that the first call still runs
    /// on the resource.
    pub fn in_flight_if(self, runs: impl FnOnce(&str) -> bool) -> Self {
        match self {
            Self::Resume(resource) if runs(&resource) => Self::InFlight,
            other => other,
        }
    }

    /// The kept answer; for a use case that never goes on from what was begun.
    ///
    /// # Errors
    /// 409 `idempotency_key_in_flight` with `Retry-After` when there is no answer yet, 422 `idempotency_key_reused`
    /// when the key belongs to another request.
    pub fn into_answer(self) -> Result<Answer, Problem> {
        match self {
            Self::Replay(answer) => Ok(answer),
            Self::Resume(_) | Self::InFlight => Err(Self::in_flight_problem()),
            Self::OtherRequest => Err(Self::other_request_problem()),
        }
    }

    /// 409: the first call with this key still runs.
    #[must_use]
    pub fn in_flight_problem() -> Problem {
        let detail =
            "a request with this Idempotency-Key is still being worked on; send it again in a moment";
        Problem::conflict("idempotency_key_in_flight", detail)
            .retry_after(IN_FLIGHT_RETRY_SECONDS)
            .retryable(true)
    }

    /// 422: the key belongs to another request.
    #[must_use]
    pub fn other_request_problem() -> Problem {
        let detail = "this Idempotency-Key belongs to a request with another body or path; use a new key for a new \
                      request, or send the first one unchanged";
        Problem::unprocessable("idempotency_key_reused", detail).retryable(false)
    }
}
