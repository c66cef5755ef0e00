//! Why a gateway gave no definite answer: not known, or known not to have happened.

/// No definite answer, or none to have.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GatewayError {
    /// Known not to have happened: the gateway refused the call itself (bad credentials, bad request), or it can
    /// never be sent.
    #[error("the gateway did not do it: {0}")]
    NotDone(String),
    /// Known not to have happened, for a reason that passes: nothing was sent, or the gateway takes no more requests just
    /// now. Later it may be done.
    #[error("the gateway does not do it now: {0}")]
    NotNow(String),
    /// A time-out, a lost connection, a 5xx or nonsense: it may have happened. Never reported as failed.
    #[error("the gateway's answer is unknown: {0}")]
    Unknown(String),
}

impl GatewayError {
    /// The same for who does not care whether it may be done later.
    #[must_use]
    pub fn without_later(self) -> Self {
        match self {
            Self::NotNow(why) => Self::NotDone(why),
            other => other,
        }
    }
}
