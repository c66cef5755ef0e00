//! Named places at which a test lets the process die.
//!
//! **What lives here.** The one list of fail points ([`FailPoint::all`]): before and after each commit and each call of
//! a gateway that moves money. The batched writer and the gateways' wrapper ask here whether the point they have come
//! to is the armed one; then the process is aborted, as by a power cut: nothing is unwound, nothing flushed.
//!
//! **What never does.** Anything in a release build: there the variable is not looked at and every question is answered
//! with no at compile time. `make crash` compiles the release's programs with this crate's points (profile `armed`). One point at most is armed, by the variable [`VARIABLE`] as `intents.create.finished/after`, or
//! `…/after:3` for the third time it is reached.
//!
//! **How to add one.** A [`Step`] in `steps.rs` that says by what the commit or call is known. The test in `tests/chaos`
//! walks the whole list, so its customers must come by.

mod armed;
mod point;
mod steps;

pub use armed::{Reached, VARIABLE, before_call, before_commit, is_armed};
pub use point::{FailPoint, Moment};
pub use steps::{Call, STEPS, Sign, Step};
