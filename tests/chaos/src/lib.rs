//! Tender under load while its parts are killed.
//!
//! **What lives here.** Customers that never give up ([`Load`]: whatever is not answered is sent again with its key,
//! as `docs/api-design.md` says), and what must be true afterwards ([`Load::audit`]); a line to PostgreSQL that loses
//! answers ([`Proxy`]); and random numbers that a printed seed brings back ([`Dice`]). What is killed, and when, is in
//! `tests/`.
//!
//! **What never does.** Starting and ending processes: that is `tests/e2e`.
//!
//! **How to add one.** A test in `tests/chaos/` that starts a system, begins a load, breaks something, mends it, and
//! audits. `TENDER_CHAOS_ROUNDS` makes the tests longer, `TENDER_CHAOS_SEED` repeats one. Where
//! the process dies at named places, the list of them is `crates/fail-points`.

mod audit;
mod dice;
mod load;
mod proxy;
mod shopper;

pub use dice::{Dice, rounds};
pub use load::{Load, Told};
pub use proxy::Proxy;
