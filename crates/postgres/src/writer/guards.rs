//! The guards of a change, as rows of a batch.

use tender_domain::kernel::{CommitError, Guard};

use super::parts::Part;

#[derive(Clone)]
pub(super) struct GuardRow {
    pub(super) part: Part,
    pub(super) kind: &'static str,
    pub(super) key: String,
    pub(super) owner: String,
    pub(super) from_owner: Option<String>,
    pub(super) by: i64,
    pub(super) max: i64,
}

/// A release with a claim of the same thing is a claim from its owner.
pub(super) fn guard_rows(guards: Vec<Guard>) -> Vec<GuardRow> {
    let mut rows: Vec<GuardRow> = Vec::with_capacity(guards.len());
    for guard in guards {
        let row = match guard {
            Guard::Claim { kind, key, owner } => {
                GuardRow { part: Part::Claim, kind, key, owner, from_owner: None, by: 0, max: 0 }
            }
            Guard::Release { kind, key, owner } => {
                GuardRow { part: Part::Release, kind, key, owner, from_owner: None, by: 0, max: 0 }
            }
            Guard::Count { kind, key, by, limit } => GuardRow {
                part: Part::Count,
                kind,
                key,
                owner: String::new(),
                from_owner: None,
                by,
                max: limit,
            },
        };
        let same = rows.iter_mut().find(|other| other.kind == row.kind && other.key == row.key);
        match same {
            Some(claim) if claim.part == Part::Claim && row.part == Part::Release => {
                claim.from_owner = Some(row.owner)
            }
            Some(release) if release.part == Part::Release && row.part == Part::Claim => {
                *release = GuardRow { from_owner: Some(release.owner.clone()), ..row };
            }
            _ => rows.push(row),
        }
    }
    rows
}

/// The guard that the statement says has lost, by its place among the change's, and how that is said; none when the
/// change has no such guard. With a `holder` it is a claim, without one a counter.
pub(super) fn lost_guard(
    guards: &[GuardRow],
    kind: &str,
    key: &str,
    holder: Option<String>,
) -> Option<(usize, CommitError)> {
    let part = if holder.is_some() { Part::Claim } else { Part::Count };
    let is_it = |guard: &GuardRow| guard.part == part && guard.kind == kind && guard.key == key;
    let place = guards.iter().position(is_it)?;
    let (kind, key) = (guards[place].kind, guards[place].key.clone());
    let error = match holder {
        Some(owner) => CommitError::ClaimTaken { kind, key, owner },
        None => CommitError::LimitReached { kind, key },
    };
    Some((place, error))
}
