//! One measurement of Tender: a load, and what it cost.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::arguments::Arguments;
use crate::http::Connection;
use crate::load::{Outcome, closed_loop, open_loop};
use crate::machine::{cpu_time, cpu_time_of_children};
use crate::postgres::Cluster;
use crate::requests::{Client, Payments, text_field};
use crate::tender::Tender;
use crate::units::{Micros, PerSecond};

/// CPU time that a good answer cost, by who used it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) tender: Micros,
    pub(crate) postgres: Micros,
    pub(crate) generator: Micros,
}

/// A load of payments, what it cost, and how far behind its events were at its end.
pub(crate) struct Paid {
    pub(crate) outcome: Outcome,
    pub(crate) cost: Cost,
    pub(crate) lag: Micros,
}

/// How many methods take turns: a shop's customers, not one card.
const METHODS: usize = 64;
/// Of the open loop: enough that they are not what limits it.
const OPEN_CONNECTIONS: usize = 256;
const LAG_LIMIT: Duration = Duration::from_secs(120);

/// Saves the methods that the payments charge.
pub(crate) async fn save_methods(client: &Client) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(&client.address).await?;
    let mut request = String::new();
    let mut methods = Vec::with_capacity(METHODS);
    for number in 0..METHODS {
        let body =
            format!("{{\"type\":\"card\",\"token\":\"tok_visa\",\"metadata\":{{\"n\":\"{number}\"}}}}");
        client.post("/v1/payments/methods", &format!("method-{number}"), &body, &mut request);
        let answer = connection.call(request.as_bytes()).await?;
        let id = text_field(answer.body, "id").filter(|_| answer.status == 201);
        let told = || format!("no method: {} {}", answer.status, String::from_utf8_lossy(answer.body));
        methods.push(id.with_context(told)?);
    }
    Ok(methods)
}

/// One-call payments, closed loop.
pub(crate) async fn pay(
    arguments: &Arguments,
    (tender, cluster): (&Tender, &Cluster),
    payments: &Payments,
    connections: usize,
) -> anyhow::Result<Paid> {
    let load = closed_loop(payments, &tender.address, connections, arguments.warm_up(), arguments.duration());
    paid((tender, cluster), load).await
}

/// One-call payments at fixed times.
pub(crate) async fn pay_when_due(
    arguments: &Arguments,
    (tender, cluster): (&Tender, &Cluster),
    payments: &Payments,
    rate: PerSecond,
) -> anyhow::Result<Paid> {
    let times = (arguments.warm_up(), arguments.duration());
    let load = open_loop(payments, &tender.address, OPEN_CONNECTIONS, rate, times);
    paid((tender, cluster), load).await
}

async fn paid(
    (tender, cluster): (&Tender, &Cluster),
    load: impl Future<Output = anyhow::Result<Outcome>>,
) -> anyhow::Result<Paid> {
    let before = Spent::now(tender, cluster)?;
    let outcome = load.await?;
    let lag = lag(cluster).await?;
    let cost = Spent::now(tender, cluster)?.since(&before, outcome.good + outcome.warm_up);
    Ok(Paid { outcome, cost, lag })
}

/// How long until every follower of payments has handled the last one; includes asking, some 20 ms. Who follows other
/// topics of the outbox is not asked: with nothing to do it writes down how far it has come every few seconds only.
pub(crate) async fn lag(cluster: &Cluster) -> anyhow::Result<Micros> {
    const BEHIND: &str = "SELECT count(*) FROM intents.outbox_positions p \
        WHERE p.follower IN ('ledger', 'refunds') AND (p.tx, p.n) < (SELECT o.tx, o.n \
        FROM intents.outbox o WHERE o.topic = 'payment.processed' ORDER BY o.tx DESC, o.n DESC LIMIT 1)";
    let ended = Instant::now();
    loop {
        if cluster.ask(BEHIND).await? == "0" {
            return Ok(ended.elapsed().into());
        }
        if ended.elapsed() > LAG_LIMIT {
            bail!("events of payments were not followed within {} s", LAG_LIMIT.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// CPU time used so far.
struct Spent {
    tender: Duration,
    postgres: Duration,
    generator: Duration,
}

impl Spent {
    fn now(tender: &Tender, cluster: &Cluster) -> anyhow::Result<Self> {
        Ok(Self {
            tender: cpu_time(format!("/proc/{}", tender.pid()))?,
            postgres: cpu_time_of_children(cluster.postmaster())?,
            generator: cpu_time("/proc/self")?,
        })
    }

    fn since(&self, before: &Self, count: u64) -> Cost {
        let each =
            |now: Duration, then: Duration| Micros(Micros::from(now.saturating_sub(then)).0 / count.max(1));
        Cost {
            tender: each(self.tender, before.tender),
            postgres: each(self.postgres, before.postgres),
            generator: each(self.generator, before.generator),
        }
    }
}
