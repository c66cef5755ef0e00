//! The promises of payment intents, through their routes, over the simulator.

mod adventures;
mod canceling;
mod captures;
mod challenges;
mod concurrency;
mod crashes;
mod declines;
mod gateway;
mod keys;
mod payments;
mod refunds_told;
mod rentals;
mod rentals_reads;
mod rig;
mod tickets;
mod unknown;
