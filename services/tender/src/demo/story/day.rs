//! What the day moved, as the story tells it; the ledger is compared with this.

use tender_domain::kernel::Money;

/// A payment of the day.
#[derive(Debug)]
pub(in crate::demo) struct Moved {
    /// The intent.
    pub(super) intent: String,
    /// What was captured.
    pub(super) captured: Money,
    /// What was given back.
    pub(super) refunded: Option<Money>,
}

/// All payments of the day that moved money.
#[derive(Debug, Default)]
pub(in crate::demo) struct Day {
    pub(super) moved: Vec<Moved>,
}

impl Day {
    pub(super) fn captured(&mut self, intent: &str, captured: Money) {
        self.moved.push(Moved { intent: intent.to_owned(), captured, refunded: None });
    }

    pub(super) fn refunded(&mut self, intent: &str, refunded: Money) {
        if let Some(moved) = self.moved.iter_mut().find(|moved| moved.intent == intent) {
            moved.refunded = Some(refunded);
        }
    }
}
