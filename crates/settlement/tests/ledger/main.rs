//! Settlement over the store in memory: what its consumer posts, and what its routes answer.

mod consumer;
mod disputes;
mod routes;
mod store_credit;
mod support;
