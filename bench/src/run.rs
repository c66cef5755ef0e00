//! The order of things.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::arguments::Arguments;
use crate::load::closed_loop;
use crate::machine;
use crate::measure::{Paid, pay, pay_when_due, save_methods};
use crate::pgbench::{self, pgbench};
use crate::postgres::{self, Cluster};
use crate::report::{Compared, OpenLoop, ReadLoad, Report, write_page};
use crate::requests::{Client, Payments, Reads};
use crate::tender::{Tender, admin_key};
use crate::units::PerSecond;

/// Connections of the read load: enough that they are not what limits it.
const READ_CONNECTIONS: usize = 64;
/// Beside pgbench's: the pools and writers of five services, and ours.
const OWN_CONNECTIONS: usize = 250;

/// Measures, prints, and writes the page.
pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("tender-bench-{}", std::process::id()));
    let measured = measured(arguments, &folder).await;
    if arguments.keep {
        say(&format!("the data folder is left at {}", folder.display()))?;
    } else {
        let _ = std::fs::remove_dir_all(&folder);
    }
    let report = measured.with_context(|| format!("Tender's log is {}.log", folder.display()))?;
    let text = report.markdown();
    say(&format!("\n{text}"))?;
    if !arguments.no_report && !arguments.payments_only {
        write_page(&arguments.report, &text)?;
        say(&format!("written to {}", arguments.report.display()))?;
    }
    if report.failures > 0 {
        bail!("{} requests were not answered as they should be", report.failures);
    }
    Ok(())
}

/// What the measurements share.
struct Bench<'a> {
    arguments: &'a Arguments,
    tender: Tender,
    cluster: Cluster,
    client: Client,
    methods: Vec<String>,
    loads: u32,
}

async fn measured(arguments: &Arguments, folder: &Path) -> anyhow::Result<Report> {
    say("starting a Tender of its own ...")?;
    Tender::start(arguments, folder).await?.stop().await?;
    let most = arguments.connections.iter().copied().max().unwrap_or_default();
    let allowed = format!("max_connections={}", OWN_CONNECTIONS + most);
    postgres::set(folder, &[&[allowed], &arguments.postgres[..]].concat())?;
    let tender = Tender::start(arguments, folder).await?;
    let cluster = Cluster::of(folder)?;
    let client = Client { address: tender.address.clone(), key: admin_key(folder)? };
    let methods = save_methods(&client).await?;
    say(&format!(
        "ready at {} (process {}), {} ms after its start",
        tender.address,
        tender.pid(),
        tender.start.as_millis()
    ))?;

    let mut bench = Bench { arguments, tender, cluster, client, methods, loads: 0 };
    let mut report = Report::new(arguments, bench.tender.start, machine::describe());
    let measured = bench.all(&mut report).await;
    // Also after a failure: a Tender that is killed leaves its PostgreSQL behind.
    let stopped = bench.tender.stop().await;
    measured.and(stopped).map(|()| report)
}

impl Bench<'_> {
    /// Every measurement, in the order of the report.
    async fn all(&mut self, report: &mut Report) -> anyhow::Result<()> {
        report.settings = self.cluster.settings().await?;
        self.compare(report).await?;
        if !self.arguments.payments_only {
            self.read(report).await?;
            self.open(report).await?;
        }
        report.peak_memory_mebibytes = self.tender.peak_memory_mebibytes()?;
        self.audit(report).await
    }

    /// Payments that no other load has made.
    fn payments(&mut self) -> Payments {
        self.loads += 1;
        Payments {
            client: self.client.clone(),
            run: format!("b{}-{}", std::process::id(), self.loads),
            methods: self.methods.clone(),
        }
    }

    /// pgbench and Tender in turn, at each number of clients.
    async fn compare(&mut self, report: &mut Report) -> anyhow::Result<()> {
        let with_pgbench = !self.arguments.payments_only;
        if with_pgbench {
            pgbench::prepare(&self.cluster).await?;
            pgbench(&self.cluster, 4, Duration::from_secs(2)).await?;
        }
        for &clients in &self.arguments.connections {
            let mut compared = Compared::at(clients);
            for _ in 0..self.arguments.rounds.max(1) {
                if with_pgbench {
                    let least = pgbench(&self.cluster, clients, self.arguments.duration()).await?;
                    say(&format!(
                        "{clients:>4} clients  pgbench {:>7}/s  mean {}",
                        least.rate.to_string(),
                        least.latency
                    ))?;
                    compared.pgbench.push(least.rate);
                }
                let paid = self.pay(clients).await?;
                report.count(&paid.outcome);
                compared.tender.push(paid);
            }
            report.compared.push(compared);
        }
        Ok(())
    }

    async fn pay(&mut self, clients: usize) -> anyhow::Result<Paid> {
        let payments = self.payments();
        let paid = pay(self.arguments, (&self.tender, &self.cluster), &payments, clients).await?;
        let Paid { outcome, cost, lag } = &paid;
        say(&format!(
            "{clients:>4} clients  Tender  {:>7}/s  p50 {}  p99 {}  lag {lag}  CPU each: Tender {} µs, PostgreSQL {} µs, \
             generator {} µs",
            outcome.rate().to_string(),
            outcome.p50(),
            outcome.p99(),
            cost.tender.0,
            cost.postgres.0,
            cost.generator.0
        ))?;
        if let Some(bad) = &outcome.first_bad {
            say(&format!("             {} bad answers, the first: {bad}", outcome.bad))?;
        }
        Ok(paid)
    }

    async fn read(&mut self, report: &mut Report) -> anyhow::Result<()> {
        let paid = report.compared.iter().flat_map(|compared| &compared.tender);
        let intents: Vec<String> = paid.flat_map(|paid| paid.outcome.ids.iter().cloned()).collect();
        let reads = Reads { client: self.client.clone(), intents };
        let times = (self.arguments.warm_up(), self.arguments.duration());
        let outcome = closed_loop(&reads, &self.tender.address, READ_CONNECTIONS, times.0, times.1).await?;
        report.failures += outcome.bad;
        let (rate, p50, p99) = (outcome.rate(), outcome.p50(), outcome.p99());
        say(&format!(
            "{READ_CONNECTIONS:>4} clients  reads   {:>7}/s  p50 {p50}  p99 {p99}",
            rate.to_string()
        ))?;
        report.reads = Some(ReadLoad { connections: READ_CONNECTIONS, rate, p50, p99 });
        Ok(())
    }

    /// Half of the best rate, or the rate that was asked for, at fixed times.
    async fn open(&mut self, report: &mut Report) -> anyhow::Result<()> {
        let top = report.compared.iter().filter_map(Compared::tender_rate).max();
        let half = top.map(|top| PerSecond(top.0 / 2));
        let rate = self.arguments.rate.map(PerSecond).or(half).context("no payments were measured")?;
        let payments = self.payments();
        let paid = pay_when_due(self.arguments, (&self.tender, &self.cluster), &payments, rate).await?;
        let Paid { outcome, cost, lag } = paid;
        report.count(&outcome);
        let (reached, p50, p99) = (outcome.rate(), outcome.p50(), outcome.p99());
        say(&format!(
            "   open loop  {rate}/s due, {reached}/s done  p50 {p50}  p99 {p99}  lag {lag}  CPU each: Tender {} µs, \
             PostgreSQL {} µs",
            cost.tender.0, cost.postgres.0
        ))?;
        let slowest = outcome.slowest();
        report.open = Some(OpenLoop { due: rate, reached, p50, p99, slowest, lag, cost });
        Ok(())
    }

    /// Every payment that a client was told of is in the ledger, once, and the ledger balances.
    async fn audit(&self, report: &mut Report) -> anyhow::Result<()> {
        let count = self.cluster.ask("SELECT count(*) FROM settlement.ledger_transfers").await?;
        report.transfers = count.parse().context("a count is a number")?;
        if report.transfers < report.payments {
            bail!("{} payments were told of, but the ledger has {}", report.payments, report.transfers);
        }
        let wrong = self
            .cluster
            .ask(
                "SELECT count(*) FROM (SELECT currency, sum(debits_minor) - sum(credits_minor) AS off \
                 FROM settlement.account_balances GROUP BY currency) c WHERE off <> 0",
            )
            .await?;
        if wrong != "0" {
            bail!("the ledger does not balance");
        }
        Ok(())
    }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
