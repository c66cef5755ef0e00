//! How many requests are in work at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Problem;

const RETRY_SECONDS: u32 = 1;

/// Room for so many requests at once, in all worker threads together; without a number, for any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room(Option<Arc<Semaphore>>);

impl Room {
    pub(crate) fn for_requests(max: usize) -> Self {
        Self(Some(Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS)))))
    }

    /// A place for a request on this path, until it is dropped. Questions about health always find one: a process that
    /// is busy is neither dead nor unready.
    pub(super) fn enter(&self, path: &str) -> Result<Option<OwnedSemaphorePermit>, Problem> {
        let Some(places) = self.0.as_ref().filter(|_| !matches!(path, "/livez" | "/readyz")) else {
            return Ok(None);
        };
        let place = Arc::clone(places).try_acquire_owned();
        place.map(Some).map_err(|_| Problem::service_unavailable(RETRY_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_place_is_refused_until_somebody_leaves_and_health_is_always_let_in() {
        let room = Room::for_requests(1);
        let first = room.enter("/v1/payments/intents").expect("there is room");
        let refused = room.enter("/v1/payments/intents").expect_err("there is none");
        assert_eq!((refused.status(), refused.code()), (503, "service_unavailable"));
        assert!(room.enter("/readyz").is_ok() && room.enter("/livez").is_ok());
        drop(first);
        assert!(room.enter("/v1/payments/intents").is_ok());
    }
}
