use std::path::PathBuf;
use std::time::Duration;

/// Measures Tender beside pgbench on the same PostgreSQL and writes the result down.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "tender-bench")]
pub(crate) struct Arguments {
    /// The program that is measured; a release build.
    #[arg(long, default_value = "target/release/tender")]
    pub(crate) tender: PathBuf,

    /// How many clients at once, in turn.
    #[arg(long, value_delimiter = ',', default_value = "16,64,256")]
    pub(crate) connections: Vec<usize>,

    /// How long each measurement takes.
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u64,

    /// How long Tender is warmed up before each measurement.
    #[arg(long, default_value_t = 3)]
    pub(crate) warm_up_seconds: u64,

    /// How often pgbench and Tender take turns at each number of clients; the rates of a side are averaged.
    #[arg(long, default_value_t = 2)]
    pub(crate) rounds: u32,

    /// How many payments are due each second in the open loop: to compare two programs at one load. Half of the best rate
    /// that was measured, if it is not said.
    #[arg(long)]
    pub(crate) rate: Option<u64>,

    /// The page whose measured part is written anew.
    #[arg(long, default_value = "docs/benchmarks.md")]
    pub(crate) report: PathBuf,

    /// Print only; write no page.
    #[arg(long)]
    pub(crate) no_report: bool,

    /// Leave the data folder there, and say where it is.
    #[arg(long)]
    pub(crate) keep: bool,

    /// A setting of PostgreSQL to try, for both sides alike: NAME=VALUE, as in postgresql.conf.
    #[arg(long = "postgres", value_name = "NAME=VALUE")]
    pub(crate) postgres: Vec<String>,

    /// The simulated gateway's books in PostgreSQL, as `tender run` has them: for Tender's own memory, which the books
    /// are no part of.
    #[arg(long)]
    pub(crate) books_in_postgres: bool,

    /// Only payments, at these numbers of clients: no pgbench, no reads, no open loop. For profiling.
    #[arg(long)]
    pub(crate) payments_only: bool,
}

impl Arguments {
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    pub(crate) fn warm_up(&self) -> Duration {
        Duration::from_secs(self.warm_up_seconds)
    }
}
