//! The documents that are generated from the code, held to it.
//!
//! Each test builds a text from what the code really declares and compares it with the file. After a change run
//! `UPDATE_DOCS=1 cargo test -p tender --test documents` and look at the difference before committing it.

mod alerts;
mod asyncapi;
mod callback_states;
mod edge;
mod enforced;
mod error_codes;
mod events;
#[path = "../shared/every_key.rs"]
mod every_key;
mod gateways;
mod intent_machine;
mod metrics_table;
mod openapi;
mod repository;
mod routes;
mod sandbox;
mod schemas;
mod settings_table;
mod sources;
mod state_machines;
mod yaml;
