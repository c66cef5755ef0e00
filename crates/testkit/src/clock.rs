use std::sync::Mutex;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use rand::RngCore;
use tender_domain::kernel::{Timestamp, to_micros};
use tender_domain::ports::{Clock, Ids};
use uuid::Uuid;

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl Default for ManualClock {
    /// Noon of 4 March 2026.
    fn default() -> Self {
        let noon = Utc.with_ymd_and_hms(2026, 3, 4, 12, 0, 0).single();
        Self(Mutex::new(noon.expect("the 4th of March has a noon")))
    }
}

impl ManualClock {
    /// Turns it forward.
    ///
    /// # Panics
    /// When the clock's lock is poisoned.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().expect("no holder panics") += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no holder panics")
    }
}

/// The machine's clock, for tests against real parts.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[allow(clippy::disallowed_methods, reason = "this is the clock adapter of tests")]
        to_micros(Utc::now())
    }
}

/// Ids as in production.
#[derive(Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        #[allow(clippy::disallowed_methods, reason = "this is the ids adapter of tests")]
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        rand::rng().fill_bytes(&mut secret);
        secret
    }
}
