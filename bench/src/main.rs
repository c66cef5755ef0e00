//! `make bench`: what Tender does in a second, beside what PostgreSQL does for the least a payment must write.
//!
//! It starts a Tender of its own (`tender run`, private PostgreSQL, a folder under the system's temporary one) with the
//! simulated gateway's books in memory, and lets `pgbench` and its own load generator take turns at the same PostgreSQL
//! with the same settings. `run` is the order of things; `load` the generator, closed and open loop; `http` the few
//! bytes of HTTP/1.1 it speaks; `report` what is printed and written to `docs/benchmarks.md`.
//!
//! Load generator, Tender and PostgreSQL share the machine, so what is measured includes the generator's own work. It
//! is therefore one thread without an HTTP library.

mod arguments;
mod http;
mod load;
mod machine;
mod measure;
mod pgbench;
mod postgres;
mod report;
mod requests;
mod run;
mod tender;
mod units;

use clap::Parser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    run::run(&arguments::Arguments::parse()).await
}
