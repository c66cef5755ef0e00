//! The promises of operations, through its routes and its commands.

mod elsewhere;
mod first_key;
mod health;
mod idempotency;
mod internal;
mod isolation;
mod keys;
mod rig;
mod settings;
