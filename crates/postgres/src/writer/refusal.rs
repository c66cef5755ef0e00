//! What the database means when it refuses a batch.

use tender_domain::kernel::CommitError;

use super::connection::Outcome;

/// What may still help a batch that was refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hope {
    /// The same again, since it may have met a race with another process; then its halves.
    Again,
    /// Its halves: it is one item's fault.
    Halves,
    /// Its halves without waiting for long: one item needs what somebody else holds.
    Unheld,
    /// Nothing: no item would fare better now.
    None,
}

/// A refusal by the database that is an answer: the transaction was rolled back. None when the connection was lost or
/// the server is going down, where nothing is known.
pub(super) fn refusal(error: &sqlx::Error) -> Option<Outcome> {
    let sqlx::Error::Database(error) = error else { return None };
    let code = error.code().unwrap_or_default().into_owned();
    if code.starts_with("57P") || code.starts_with("08") {
        return None;
    }
    let hope = match code.get(..2).unwrap_or_default() {
        // Canceled or timed out; no memory, disk or connections; read-only, as a primary that was demoted is.
        "25" | "53" => Hope::None,
        _ if code == "57014" => Hope::None,
        // It was waited for as long as `lock_timeout` says: the same again would wait as long.
        _ if code == "55P03" => Hope::Unheld,
        // A value that does not fit, by itself.
        "22" | "54" => Hope::Halves,
        "23" if !matches!(&*code, "23505" | "23514" | "23P01") => Hope::Halves,
        // A race with another process; or a fault that is perhaps one item's, which splitting finds.
        _ => Hope::Again,
    };
    let error = match code.get(..2).unwrap_or_default() {
        "23" => CommitError::Refused { constraint: error.constraint().unwrap_or("unnamed").to_owned() },
        "22" | "54" => {
            tracing::error!(code, message = error.message(), "the database refused a value");
            CommitError::Refused { constraint: format!("SQLSTATE {code}: {}", error.message()) }
        }
        class => {
            // Says something of the database as it is now, nothing of the change: to refuse it for good would lose it.
            if !matches!(class, "40" | "55") {
                tracing::error!(code, message = error.message(), "the database could not take a batch");
            }
            CommitError::Unavailable(format!("SQLSTATE {code}: {}", error.message()))
        }
    };
    Some(Outcome::Refused { error, hope })
}
