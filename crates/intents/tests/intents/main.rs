//! The promises of payment intents, through their routes, over the simulator.

mod canceling;
mod captures;
mod challenges;
mod concurrency;
mod crashes;
mod declines;
mod deposits;
mod fraud;
mod gateway;
mod keys;
mod links;
mod payments;
mod rig;
mod sending;
mod tickets;
mod unknown;
