//! By which channel a hotel's refund was begun, and by whom: as its metadata tells it to who follows refunds.

use crate::kernel::{Metadata, words};

words! {
    /// How a hotel's refund was begun.
    RefundChannel {
        /// A person asked for it.
        Agent = "AGENT",
        /// By itself, when what had been paid for was given up.
        Automatic = "AUTOMATIC",
    }
}

impl RefundChannel {
    /// Under which key of its metadata a refund keeps it.
    pub const KEY: &str = "channel";

    /// Under which key of its metadata a refund keeps the person who asked for it.
    pub const AGENT_KEY: &str = "agent_id";

    /// The person who asked for a refund with this metadata; none when it says that none did.
    #[must_use]
    pub fn agent_of(metadata: &Metadata) -> Option<&str> {
        let entries = metadata.entries();
        let by_hand = entries.get(Self::KEY).is_some_and(|word| word == Self::Agent.as_str());
        entries.get(Self::AGENT_KEY).filter(|_| by_hand).map(String::as_str)
    }
}
