//! The other side of the comparison.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::postgres::Cluster;
use crate::units::{Micros, PerSecond};

/// What pgbench came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PgbenchOutcome {
    pub(crate) rate: PerSecond,
    pub(crate) latency: Micros,
}

/// Makes the tables.
pub(crate) async fn prepare(cluster: &Cluster) -> anyhow::Result<()> {
    cluster.load(Path::new("bench/minimal_schema.sql")).await
}

/// So many clients for so long; each payment is the script once, with prepared statements.
pub(crate) async fn pgbench(
    cluster: &Cluster,
    clients: usize,
    time: Duration,
) -> anyhow::Result<PgbenchOutcome> {
    let output = cluster
        .program("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--file=bench/minimal_payment.sql"])
        .args([format!("--client={clients}"), "--jobs=2".to_owned(), format!("--time={}", time.as_secs())])
        .output()
        .await
        .context("cannot run pgbench; it comes with PostgreSQL's client programs")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let (whole, _) = number(&text, "tps = ").context("pgbench told no tps")?;
    let (millis, thousandths) = number(&text, "latency average = ").context("pgbench told no latency")?;
    Ok(PgbenchOutcome { rate: PerSecond(whole), latency: Micros(millis * 1000 + thousandths) })
}

/// The number after a name: its whole part, and its first three places.
fn number(text: &str, name: &str) -> Option<(u64, u64)> {
    let (_, rest) = text.split_once(name)?;
    let number = rest.split([' ', '\n']).next()?;
    let (whole, places) = number.split_once('.').unwrap_or((number, "0"));
    let places: String = places.chars().chain("000".chars()).take(3).collect();
    Some((whole.parse().ok()?, places.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read_out_of_what_pgbench_says() {
        let said = "latency average = 5.73 ms\ntps = 2790.123456 (without initial connection time)\n";
        assert_eq!(number(said, "latency average = "), Some((5, 730)));
        assert_eq!(number(said, "tps = "), Some((2790, 123)));
        assert_eq!(number(said, "tps: "), None);
    }
}
