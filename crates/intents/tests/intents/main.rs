//! The promises of payment intents, through their routes, over the simulator.

mod authorizations;
mod bulk;
mod callbacks;
mod canceling;
mod captures;
mod challenges;
mod client_secrets;
mod concurrency;
mod crashes;
mod declines;
mod fraud;
mod gateway;
mod keys;
mod links;
mod next_actions;
mod payments;
mod pursuing;
mod resolving;
mod rig;
mod sending;
mod settings;
mod telling;
mod tickets;
mod timing;
mod unknown;
mod updating;
