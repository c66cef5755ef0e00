use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::Outcome;
use crate::http::Connection;
use crate::requests::{Requests, text_field};

/// When what is sent begins to count, and when sending ends.
#[derive(Debug, Clone, Copy)]
struct Times {
    counts_from: Instant,
    ends: Instant,
}

/// So many connections, each with one request in flight, for so long after a warm-up.
pub(crate) async fn closed_loop<R: Requests>(
    requests: &R,
    address: &str,
    connections: usize,
    warm_up: Duration,
    measured: Duration,
) -> anyhow::Result<Outcome> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let counts_from = Instant::now() + warm_up;
    let times = Times { counts_from, ends: counts_from + measured };
    let next = Rc::new(Cell::new(0));
    let tasks = LocalSet::new();
    let running: Vec<_> = open
        .into_iter()
        .map(|connection| tasks.spawn_local(drive(requests.clone(), connection, Rc::clone(&next), times)))
        .collect();
    let all = tasks.run_until(async {
        let mut all = Outcome::new();
        for one in running {
            all.add(one.await??);
        }
        anyhow::Ok(all)
    });
    let mut all = all.await?;
    all.time = measured;
    Ok(all)
}

async fn drive<R: Requests>(
    requests: R,
    mut connection: Connection,
    next: Rc<Cell<u64>>,
    times: Times,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new();
    let mut request = String::with_capacity(1024);
    loop {
        requests.write(next.replace(next.get() + 1), &mut request);
        let sent = Instant::now();
        if sent >= times.ends {
            return Ok(outcome);
        }
        let answer = connection.call(request.as_bytes()).await?;
        let came = Instant::now();
        if !requests.is_good(answer.status, answer.body) {
            outcome.count_bad(answer.status, answer.body);
        } else if came < times.counts_from || came >= times.ends {
            // Before or after: it happened, but the time it took is not all in the measured one.
            outcome.warm_up += 1;
        } else {
            outcome.count_good(came - sent);
            outcome.keep_id(|| text_field(answer.body, "id"));
        }
    }
}
