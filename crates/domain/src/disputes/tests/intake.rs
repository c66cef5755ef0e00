use uuid::Uuid;

use super::fixtures::*;
use crate::disputes::{ChargebackIntake, DisputeStatus as S};
use crate::kernel::{IntakeId, TenantId};
use crate::refunds::LookupSchedule;

fn unmatched() -> ChargebackIntake {
    let id = IntakeId::from_uuid(Uuid::from_u128(7));
    let schedule = LookupSchedule::default();
    let tenant = TenantId::sandbox();
    ChargebackIntake::unmatched(
        (&tenant, id),
        "sim_ch_9",
        told(eur(100)),
        S::NeedsResponse,
        (at(0), &schedule),
    )
}

#[test]
fn an_unmatched_chargeback_is_looked_for_often_then_daily_and_told_when_it_is_late_and_at_the_end() {
    let schedule = LookupSchedule::default();
    let mut intake = unmatched();
    let (mut told_at, mut ages) = (Vec::new(), Vec::new());
    while let Some(now) = intake.next_try_at {
        let (next, tell) = intake.missed("no such charge", now, &schedule);
        ages.push((now - at(0)).num_seconds());
        if tell {
            told_at.push((now - at(0)).num_seconds());
        }
        intake = next;
    }
    let day = 24 * 3_600;
    assert_eq!(told_at, [600, 7 * day, 540 * day]);
    assert_eq!(&ages[..5], [5, 30, 120, 600, 3_600]);
    let daily: Vec<i64> = ages.iter().copied().filter(|age| *age > 7 * day).collect();
    assert_eq!(daily, (8..=540).map(|number| number * day).collect::<Vec<_>>());
}

#[test]
fn a_late_word_that_it_is_open_does_not_undo_a_decision() {
    let lost = unmatched().told_again(S::Lost, None, at(5)).expect("news");
    assert_eq!(lost.told_again(S::NeedsResponse, None, at(6)), None);
    assert_eq!(lost.told_again(S::Lost, None, at(6)), None);
    assert_eq!(lost.told_again(S::Won, None, at(6)).map(|next| next.standing), Some(S::Won));
    let matched = lost.matched(dp(1), at(7));
    assert_eq!((matched.dispute, matched.next_try_at), (Some(dp(1)), None));
}

#[test]
fn a_fee_that_is_told_while_it_waits_is_kept_and_stays() {
    let mut silent = unmatched();
    silent.told.fee_minor = None;
    let knows = silent.told_again(S::NeedsResponse, Some(1_500), at(5)).expect("news");
    assert_eq!(
        (knows.told.fee_minor, knows.standing, knows.version.number()),
        (Some(1_500), S::NeedsResponse, 2)
    );
    assert_eq!(knows.told_again(S::NeedsResponse, Some(1_500), at(6)), None);
    let lost = knows.told_again(S::Lost, None, at(7)).expect("news");
    assert_eq!((lost.told.fee_minor, lost.standing), (Some(1_500), S::Lost));
}
