//! The routes, one resource a file.

pub(crate) mod health;
pub(crate) mod internal_keys;
pub(crate) mod keys;
mod problem;
pub(crate) mod settings;
mod state;

use state::Service;
