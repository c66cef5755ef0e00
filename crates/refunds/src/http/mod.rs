//! The HTTP side: one file per resource.

mod body;
mod numbers;
mod problems;
mod refunds;
mod request;
mod routes;

pub use routes::routes;
