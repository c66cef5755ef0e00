use chrono::Utc;
use tender_domain::kernel::{Timestamp, to_micros};
use tender_domain::ports::Clock;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock's adapter")]
    fn now(&self) -> Timestamp {
        to_micros(Utc::now())
    }
}
