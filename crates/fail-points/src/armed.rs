//! Which point is armed, and what happens when it is reached.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tender_domain::kernel::Change;

use crate::{Call, FailPoint, Moment};

/// The environment's variable that arms a point.
pub const VARIABLE: &str = "TENDER_FAIL_POINT";

struct Armed {
    point: FailPoint,
    /// How often it is still passed by, the last time included.
    left: AtomicU32,
}

/// A step that has begun; tells of its end.
#[derive(Debug)]
#[must_use]
pub struct Reached(bool);

impl Reached {
    /// The step is done, and nobody has heard of it yet.
    pub fn done(self) {
        if self.0 {
            reach(Moment::After);
        }
    }
}

/// Whether a point is armed in this process; in a release build none ever is.
#[must_use]
pub fn is_armed() -> bool {
    armed().is_some()
}

/// A change is about to be handed to the database.
pub fn before_commit<W>(schema: &str, change: &Change<W>) -> Reached {
    begin(|point| point.step.is_commit(schema, change))
}

/// A call is about to be made.
pub fn before_call(call: Call) -> Reached {
    begin(|point| point.step.is_call(call))
}

fn begin(is_here: impl Fn(&FailPoint) -> bool) -> Reached {
    let here = armed().is_some_and(|armed| is_here(&armed.point));
    if here {
        reach(Moment::Before);
    }
    Reached(here)
}

fn armed() -> Option<&'static Armed> {
    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
    // Release builds, which operators run, cannot be armed.
    if !cfg!(debug_assertions) {
        return None;
    }
    ARMED.get_or_init(|| std::env::var(VARIABLE).ok().map(|text| parse(&text))).as_ref()
}

/// The point that the variable names, with how often it is passed by.
///
/// # Panics
/// When it names none: a test that waits for a point that is never reached would say nothing.
fn parse(text: &str) -> Armed {
    let (name, times) = text.split_once(':').unwrap_or((text, "1"));
    let point = FailPoint::find(name).unwrap_or_else(|| panic!("{VARIABLE}: there is no fail point {name}"));
    let times = times.parse().unwrap_or_else(|_| panic!("{VARIABLE}: {times} is no number of times"));
    Armed { point, left: AtomicU32::new(times) }
}

fn reach(moment: Moment) {
    let Some(armed) = armed().filter(|armed| armed.point.moment == moment) else { return };
    if armed.left.fetch_sub(1, Ordering::Relaxed) == 1 {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_armed_for_the_first_time_it_is_reached_or_for_a_later_one() {
        let first = parse("intents.create.finished/after");
        assert_eq!((first.point.moment, first.left.into_inner()), (Moment::After, 1));
        assert_eq!(parse("gateway.refund/before:3").left.into_inner(), 3);
    }

    #[test]
    #[should_panic(expected = "there is no fail point")]
    fn an_unknown_point_is_told_rather_than_never_reached() {
        let _ = parse("intents.create/after");
    }

    #[test]
    fn what_is_not_armed_is_passed_by() {
        assert!(!is_armed());
        before_call(Call::Refund).done();
    }
}
