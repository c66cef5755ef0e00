use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::Outcome;
use crate::http::Connection;
use crate::requests::Requests;
use crate::units::PerSecond;

/// When requests are due.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    begins: Instant,
    rate: PerSecond,
    warm_up: u64,
    all: u64,
}

impl Schedule {
    /// When the request of this number is due.
    fn due(&self, number: u64) -> Instant {
        let nanos = u128::from(number) * 1_000_000_000 / u128::from(self.rate.0.max(1));
        self.begins + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// Requests at a fixed rate, over at most so many connections. A latency counts from the instant at which the request
/// was due, not from when a connection was free to send it: a server that stalls is charged for everybody it kept
/// waiting (no coordinated omission).
pub(crate) async fn open_loop<R: Requests>(
    requests: &R,
    address: &str,
    connections: usize,
    rate: PerSecond,
    (warm_up, measured): (Duration, Duration),
) -> anyhow::Result<Outcome> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let warm_up = rate.0 * warm_up.as_secs();
    let all = warm_up + rate.0 * measured.as_secs();
    let schedule = Schedule { begins: Instant::now() + Duration::from_millis(10), rate, warm_up, all };
    let next = Rc::new(Cell::new(0));
    let tasks = LocalSet::new();
    let running: Vec<_> = open
        .into_iter()
        .map(|connection| tasks.spawn_local(drive(requests.clone(), connection, Rc::clone(&next), schedule)))
        .collect();
    let all = tasks.run_until(async {
        let mut all = Outcome::new();
        for one in running {
            all.add(one.await??);
        }
        anyhow::Ok(all)
    });
    let mut all = all.await?;
    // Longer than asked when the server did not keep up.
    all.time = Instant::now() - schedule.due(schedule.warm_up);
    Ok(all)
}

/// A connection takes the next request that is due; all are due in the order of their numbers.
async fn drive<R: Requests>(
    requests: R,
    mut connection: Connection,
    next: Rc<Cell<u64>>,
    schedule: Schedule,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::new();
    let mut request = String::with_capacity(1024);
    loop {
        let number = next.replace(next.get() + 1);
        if number >= schedule.all {
            return Ok(outcome);
        }
        let due = schedule.due(number);
        requests.write(number, &mut request);
        tokio::time::sleep_until(due.into()).await;
        let answer = connection.call(request.as_bytes()).await?;
        if !requests.is_good(answer.status, answer.body) {
            outcome.count_bad(answer.status, answer.body);
        } else if number < schedule.warm_up {
            outcome.warm_up += 1;
        } else {
            outcome.count_good(due.elapsed());
        }
    }
}
