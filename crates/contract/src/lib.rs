//! The promises of the ports, as test functions.
//!
//! **What lives here.** One module per port: what every adapter of it promises, each promise an async function that
//! panics when it is broken. Adapters run them as their own tests, so memory, PostgreSQL and HTTP keep the same ones.
//!
//! **What never does.** Production code, and anything that knows an adapter.
//!
//! **How to add one.** Write the promise beside its neighbours and add its name to the module's macro.

pub mod api_keys;
pub mod callbacks;
pub mod connectors;
pub mod deposits;
pub mod dispute_cases;
pub mod disputes;
pub mod fraud;
pub mod gateway;
pub mod hotels;
pub mod intents;
pub mod numbers;
pub mod operations;
pub mod payment_links;
pub mod rate_limits;
pub mod refund_notices;
pub mod refund_policies;
pub mod refunds;
pub mod settlement;
pub mod simulator_books;
pub mod uploads;
pub mod vault;
