//! What is done with a message that was not handled.

use tender_domain::kernel::{CommitError, StoreError};
use tender_domain::ports::HandleError;

use crate::IntentsError;

/// Whether a message is tried again. What will be no different the next time is set aside: waiting for it would hold up
/// everybody's messages behind it.
pub(super) fn unhandled(error: &IntentsError) -> HandleError {
    match error {
        IntentsError::Refused(_)
        | IntentsError::Store(StoreError::Corrupt { .. })
        | IntentsError::Commit(CommitError::Refused { .. }) => HandleError::Poison(error.to_string()),
        _ => HandleError::Retry(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_will_be_no_different_is_set_aside_and_what_the_store_cannot_do_now_is_tried_again() {
        let corrupt = StoreError::corrupt("intents", "status", "pi_1", "there is no such status");
        for error in [
            IntentsError::Store(corrupt),
            IntentsError::Commit(CommitError::Refused { constraint: "amounts".to_owned() }),
        ] {
            assert!(matches!(unhandled(&error), HandleError::Poison(_)), "{error}");
        }
        for error in [
            IntentsError::Store(StoreError::Unavailable("away".to_owned())),
            IntentsError::Commit(CommitError::Conflict),
            IntentsError::Commit(CommitError::Unresolved),
        ] {
            assert!(matches!(unhandled(&error), HandleError::Retry(_)), "{error}");
        }
    }
}
