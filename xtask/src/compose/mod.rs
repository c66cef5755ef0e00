//! One topology, described in several files: they must agree.

mod broker;
mod compose_file;
mod containers;
mod edge;
mod env_file;
mod image;
mod processes;
mod run;
mod settings;

pub(crate) use run::run;
