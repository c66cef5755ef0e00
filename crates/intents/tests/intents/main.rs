//! The promises of payment intents, through their routes, over the simulator.

mod authorizations;
mod bulk;
mod canceling;
mod captures;
mod challenges;
mod client_secrets;
mod concurrency;
mod crashes;
mod declines;
mod gateway;
mod keys;
mod next_actions;
mod payments;
mod pursuing;
mod resolving;
mod rig;
mod settings;
mod tickets;
mod timing;
mod unknown;
mod updating;
