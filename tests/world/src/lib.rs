//! A simulated world: the real services in one thread, with a clock that jumps, over ports that lose, repeat and reorder.
//!
//! **What lives here.** [`run`]: one run of the world from a seed. Clients pay, capture, cancel and refund by HTTP; the
//! simulated gateway misbehaves by script, each way alone and in pairs; the stores lose replies after a commit; messages
//! and callbacks come twice and in another order; the process dies between any two effects and is started again over
//! what is stored. When nothing moves any more an auditor compares: no charge doubled or lost, every payment ended or
//! visibly open, the gateway's books, ours and the ledger the same to the cent.
//!
//! **What never does.** A mock of a service: hexagons, state machines and the simulator's engine are the real ones. A
//! machine's clock or chance: the same seed is the same run.
//!
//! **How to reproduce a failure.** It prints its seed: `TENDER_WORLD_SEED=n cargo test -p tender-world`.

mod accounts;
mod audit;
mod bus;
mod client;
mod dice;
mod effects;
mod gateway;
mod life;
mod met;
mod session;
mod state;
mod target;
mod vault;

pub use life::run;
pub use met::Met;
