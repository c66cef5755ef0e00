//! The load generator: closed loop (each connection sends its next request when it has its answer) and open loop
//! (requests are due at fixed times, whether or not the server keeps up).

mod closed;
mod open;
mod outcome;

pub(crate) use closed::closed_loop;
pub(crate) use open::open_loop;
pub(crate) use outcome::Outcome;
