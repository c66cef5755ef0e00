//! Who lost in a batch and why, and whose key had its answer before: the rows that its statement answers with.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use tender_domain::kernel::{Answer, CommitError, KeyRecord, KeyState, RequestFingerprint};

use super::batch::Prepared;
use super::statement::why;

/// Why an item lost.
pub(super) struct Loss {
    pub(super) error: CommitError,
    /// An item can lose for several reasons; the lowest is told. Who repeats a request must learn what became of the
    /// first, whoever hands over a message again that it was handled, and of several guards the change's first is named.
    pub(super) rank: usize,
}

impl Loss {
    const KEY: usize = 0;
    const HANDLED: usize = 1;
    const GUARDS: usize = 2;
    const STALE: usize = usize::MAX;
}

/// What a row of the result says.
pub(super) enum Said {
    /// The writer's marker was written.
    Marked,
    /// The item at this place has lost.
    Lost(usize, Loss),
    /// The item at this place was written, and its key keeps the answer that it had before.
    AnsweredBefore(usize),
}

/// What a row of the result says.
pub(super) fn said(items: &[&Prepared], row: &PgRow) -> Result<Said, sqlx::Error> {
    let reason: i32 = row.try_get(1)?;
    if reason == why::MARKED {
        return Ok(Said::Marked);
    }
    let item: i32 = row.try_get(0)?;
    let place = usize::try_from(item).ok().filter(|place| *place < items.len());
    let place = place.ok_or_else(|| sqlx::Error::Protocol(format!("the batch has no item {item}")))?;
    let (rank, error) = match reason {
        why::ANSWERED_BEFORE => return Ok(Said::AnsweredBefore(place)),
        why::STALE => (Loss::STALE, CommitError::Conflict),
        why::KEY_TAKEN => (Loss::KEY, CommitError::KeyTaken(Box::new(key_record(row)?))),
        why::HANDLED => (Loss::HANDLED, CommitError::AlreadyHandled),
        why::CLAIM_TAKEN => lost_guard(items[place], row, Some(row.try_get(7)?))?,
        why::LIMIT => lost_guard(items[place], row, None)?,
        other => return Err(sqlx::Error::Protocol(format!("unknown reason {other}"))),
    };
    Ok(Said::Lost(place, Loss { error, rank }))
}

fn lost_guard(
    item: &Prepared,
    row: &PgRow,
    holder: Option<String>,
) -> Result<(usize, CommitError), sqlx::Error> {
    let (kind, key): (&str, &str) = (row.try_get(3)?, row.try_get(6)?);
    let lost = item.lost_guard(kind, key, holder);
    let (place, error) =
        lost.ok_or_else(|| sqlx::Error::Protocol(format!("the change has no guard {kind} {key}")))?;
    Ok((Loss::GUARDS + place, error))
}

fn key_record(row: &PgRow) -> Result<KeyRecord, sqlx::Error> {
    let fingerprint: Vec<u8> = row.try_get(2)?;
    let started_at: DateTime<Utc> = row.try_get(4)?;
    key_record_of(&fingerprint, row.try_get(3)?, started_at, row.try_get(5)?, row.try_get(6)?)
}

/// A stored idempotency key, checked.
pub(crate) fn key_record_of(
    fingerprint: &[u8],
    resource: String,
    started_at: DateTime<Utc>,
    status: Option<i32>,
    body: Option<String>,
) -> Result<KeyRecord, sqlx::Error> {
    let bad =
        |what: &str| sqlx::Error::Decode(format!("idempotency_keys.{what} of {resource} is bad").into());
    let fingerprint = RequestFingerprint(fingerprint.try_into().map_err(|_| bad("fingerprint"))?);
    let state = match (status, body) {
        (Some(status), Some(body)) => {
            let status = u16::try_from(status).map_err(|_| bad("status"))?;
            KeyState::Done(Answer { status, body: body.into() })
        }
        (None, None) => KeyState::Started,
        _ => return Err(bad("body")),
    };
    Ok(KeyRecord { fingerprint, resource, state, started_at })
}
