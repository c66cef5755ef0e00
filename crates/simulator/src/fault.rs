//! Calls without an answer, before it is known how their caller is told: over HTTP, or as an error in the process.

use tender_domain::ports::{GatewayAnswer, GatewayError};

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Known not to have been done; the reason.
    NotDone(String),
    /// Known not to have been done, for a reason that passes.
    NotNow(String),
    /// It may have been done; the reason.
    Unknown(String),
    /// HTTP 500: it may have been done.
    ServerError,
    /// HTTP 200 and nonsense: it may have been done.
    Malformed,
}

/// What a call comes to.
pub(crate) type Answered = Result<GatewayAnswer, Fault>;

impl From<Fault> for GatewayError {
    /// As the adapter that meets it over HTTP understands it.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotDone(reason) => Self::NotDone(reason),
            Fault::NotNow(reason) => Self::NotNow(reason),
            Fault::Unknown(reason) => Self::Unknown(reason),
            Fault::ServerError => Self::Unknown("the simulator failed (HTTP 500)".to_owned()),
            Fault::Malformed => Self::Unknown("the simulator's answer is not understood".to_owned()),
        }
    }
}
