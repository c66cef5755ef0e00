use super::fixtures::*;
use crate::disputes::{Actor, DisputeEntry, DisputeStatus, DisputeUpdate, EntryHash, HistoryHead};

/// Opened, noted and lost: the entries, and the dispute's head.
fn a_history() -> (Vec<DisputeEntry>, HistoryHead) {
    let opened = opened(&charge(10_000), 1, eur(10_000)).unwrap();
    let note = DisputeUpdate { note: Some("a|b:ü".into()), ..DisputeUpdate::default() };
    let noted = changed(opened.charge.update_dispute(dp(1), &note, &Actor::person("alice"), at(3)));
    let lost = changed(decide(&noted.charge, 1, told_by_processor(DisputeStatus::Lost, 50)));
    let head = lost.charge.dispute(dp(1)).unwrap().history;
    ([opened.entries, noted.entries, lost.entries].concat(), head)
}

fn is_whole(entries: &[DisputeEntry], head: HistoryHead) -> bool {
    let mut before = HistoryHead::EMPTY;
    for entry in entries {
        if entry.number != before.number + 1
            || entry.previous != before.hash
            || entry.hash != entry.computed()
        {
            return false;
        }
        before = HistoryHead::after(entry);
    }
    before == head
}

#[test]
fn a_history_is_linked_from_its_first_entry_to_the_disputes_head() {
    let (entries, head) = a_history();
    assert_eq!(entries.len(), 3);
    assert!(is_whole(&entries, head));
    assert_eq!(entries[0].previous, EntryHash::NONE);
}

#[test]
fn nothing_of_a_history_can_be_changed_left_out_or_added_unseen() {
    let (entries, head) = a_history();
    let changes: [fn(&mut Vec<DisputeEntry>); 6] = [
        |entries| entries[1].detail.push('!'),
        |entries| entries[1].by.name = "bob".into(),
        |entries| entries[2].at += chrono::Duration::microseconds(1),
        |entries| drop(entries.remove(1)),
        |entries| drop(entries.pop()),
        |entries| {
            // Rewritten from the second on, with hashes that fit: the dispute's head does not.
            entries[1].detail = "another story".into();
            entries[1].hash = entries[1].computed();
            entries[2].previous = entries[1].hash;
            entries[2].hash = entries[2].computed();
        },
    ];
    for (nth, change) in changes.iter().enumerate() {
        let mut changed = entries.clone();
        change(&mut changed);
        assert!(!is_whole(&changed, head), "change {nth}");
    }
}
