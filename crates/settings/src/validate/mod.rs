//! What is of the right type and still cannot work, or is not for production.

mod checks;
mod form;
mod production;
mod ranges;

pub(crate) use checks::{refused, validate};
