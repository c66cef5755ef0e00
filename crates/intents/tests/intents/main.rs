//! The promises of payment intents, through their routes, over the simulator.

mod callbacks;
mod canceling;
mod captures;
mod challenges;
mod concurrency;
mod crashes;
mod declines;
mod gateway;
mod keys;
mod payments;
mod rig;
mod telling;
mod tickets;
mod unknown;
