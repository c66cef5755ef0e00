use uuid::Uuid;

use crate::kernel::Timestamp;
use crate::ports::NotifyError;

use super::{Dispatch, DispatchEnd, DispatchStatus, TRIED_FOR};

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).expect("it exists")
}

fn away() -> Result<(), NotifyError> {
    Err(NotifyError::Unavailable("it is down".to_owned()))
}

#[test]
fn what_cannot_be_handed_over_is_tried_later_and_later_and_given_up_in_the_end() {
    let (asked, seed) = (at(0), Uuid::from_u128(7));
    let (mut dispatch, mut now, mut gaps) = (Dispatch::requested(asked), asked, Vec::new());
    loop {
        let taken = dispatch.taken(now).expect("it is due");
        let (after, end) = taken.tried(away(), (asked, seed), now).expect("it has not ended");
        dispatch = after;
        let Some(next) = dispatch.due_at else {
            assert_eq!((end, dispatch.status), (DispatchEnd::GivenUp, DispatchStatus::Failed));
            assert_eq!(dispatch.problem.as_deref(), Some("it is down"));
            break;
        };
        assert_eq!(end, DispatchEnd::Later);
        gaps.push((next - now).num_seconds());
        now = next;
    }
    let steps = [5, 30, 120, 600, 3_600, 10_800, 21_600, 21_600];
    for (gap, step) in gaps.iter().zip(steps) {
        assert!((step..=step + step / 8).contains(gap), "{gaps:?}");
    }
    let in_all = (now - asked).to_std().expect("it goes on");
    assert!(in_all <= TRIED_FOR && in_all > TRIED_FOR - TRIED_FOR / 8, "{in_all:?}");
}

#[test]
fn one_try_at_a_time_and_the_next_when_its_process_ended() {
    let asked = Dispatch::requested(at(0));
    assert_eq!(asked.taken(at(-1)), None, "it is not due");
    let taken = asked.taken(at(3)).expect("it is due");
    assert_eq!(taken.taken(at(62)), None, "somebody tries it");
    assert!(taken.taken(at(63)).is_some(), "whoever tried it ended");
}

#[test]
fn what_has_ended_is_never_tried_again() {
    let asked = Dispatch::requested(at(0));
    let refused = Err(NotifyError::Refused("no such mailbox".to_owned()));
    for (outcome, end, lost) in [(Ok(()), DispatchEnd::Sent, false), (refused, DispatchEnd::Refused, true)] {
        let (after, ended) = asked.tried(outcome, (at(0), Uuid::nil()), at(1)).expect("it is open");
        assert_eq!((ended, ended.is_lost(), after.due_at), (end, lost, None));
        assert_eq!(after.taken(at(100)), None);
        assert_eq!(after.tried(Ok(()), (at(0), Uuid::nil()), at(100)), None);
    }
}
