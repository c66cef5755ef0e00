//! The refunds service over its ports: a store in memory, a gateway that does as it is told, a clock turned by hand.

mod charges;
mod concurrency;
mod create;
mod http;
mod keys;
mod recovery;
mod support;
