use crate::connectors::{ConnectorRefusal, DeclineTable, FAIL_OVER_DECLINES};
use crate::ports::DeclineCode;

#[test]
fn no_table_fails_over_after_a_final_decline() {
    for code in DeclineCode::ALL {
        let table = DeclineTable::of(Some(vec![DeclineCode::DoNotHonor, *code]));
        if code.may_fail_over() {
            assert!(table.expect("it may be in a table").has(*code), "{code:?}");
        } else {
            assert_eq!(table, Err(ConnectorRefusal::FinalDecline { place: 1, code: *code }));
            assert!(!DeclineTable::USUAL.has(*code), "{code:?}");
        }
    }
    for code in [DeclineCode::StolenCard, DeclineCode::LostCard, DeclineCode::SuspectedFraud] {
        assert!(!code.may_fail_over(), "{code:?}");
    }
}

#[test]
fn a_table_that_nobody_edited_is_the_usual_one_and_an_empty_one_is_empty() {
    assert_eq!((DeclineTable::USUAL.codes(), DeclineTable::USUAL.set()), (FAIL_OVER_DECLINES, None));
    let empty = DeclineTable::of(Some(Vec::new())).expect("an empty one");
    assert_eq!((empty.codes(), empty.set()), (&[][..], Some(&[][..])));
    assert!(!empty.has(DeclineCode::DoNotHonor));
}
