use proptest::prelude::*;

use super::fixtures::*;
use crate::disputes::{DisputeStatus as S, Outcome, Settled};
use crate::refunds::{Recorded, Refund, RefundPacing, RefundableCharge};

/// One step of a story: what, which of the things, how much.
type Step = (u8, u128, i64);

fn step(charge: &RefundableCharge, nth: u128, (what, which, amount): Step) -> Option<RefundableCharge> {
    let settled = |settled| match settled {
        Ok(Settled::Changed(disputed)) => Some(disputed.charge),
        _ => None,
    };
    let decide = |status| {
        let outcome = told_by_processor(status, 50 + i64::try_from(nth).expect("a short story"));
        settled(decide(charge, which, outcome))
    };
    match what {
        0 | 1 => refund(charge, 100 + nth, Some(amount)).ok(),
        2 => {
            let own = charge.refund(rf(100 + which)).map_or(0, |refund| refund.amount.minor());
            match charge.record(rf(100 + which), done(own), at(3), &RefundPacing::default()) {
                Ok(Recorded::Changed { charge, .. }) => Some((*charge).clone()),
                _ => None,
            }
        }
        3 => match charge.record(rf(100 + which), not_done(), at(3), &RefundPacing::default()) {
            Ok(Recorded::Changed { charge, .. }) => Some((*charge).clone()),
            _ => None,
        },
        4 => opened(charge, nth, eur(amount.abs() + 1)).ok().map(|disputed| disputed.charge),
        5 => decide(S::Won),
        6 => decide(S::Lost),
        _ => {
            let accepted = Outcome { overturns: false, ..told_by_person(S::Accepted, 60) };
            settled(charge.decide_dispute(dp(which), accepted, at(60)))
        }
    }
}

proptest! {
    #[test]
    fn no_story_of_refunds_and_disputes_lets_refunds_grow_beyond_what_is_left(
        captured in 1_i64..20_000,
        steps in prop::collection::vec((0_u8..8, 0_u128..40, -5_i64..12_000), 1..60),
    ) {
        let mut charge = charge(captured);
        for (nth, what) in steps.into_iter().enumerate() {
            let Some(next) = step(&charge, nth as u128, what) else { continue };
            prop_assert_eq!(next.version, charge.version.next());
            let [captured, refunded, disputed, left, missing] = sums(&next);
            prop_assert!(refunded <= captured);
            prop_assert!(refunded <= sums(&charge)[1] || refunded + disputed <= captured, "refunds grew beyond it");
            // What a refund that is taken for not done was found to have given back is not given back again.
            let found = next.refunds.iter().filter(|refund| !refund.status().is_live());
            let found: i64 = found.filter_map(Refund::conflict).map(|found| found.amount.minor()).sum();
            prop_assert_eq!(left, (captured - refunded - disputed - found).max(0));
            prop_assert_eq!(missing, (refunded + disputed - captured).max(0));
            let open = next.disputes.iter().all(|one| one.status.is_open() == one.resolution.is_none());
            prop_assert!(open, "a dispute is decided exactly when it has a resolution");
            charge = next;
        }
    }
}
