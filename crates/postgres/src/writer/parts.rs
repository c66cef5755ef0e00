//! The generic parts of a change: what is the same for every service.

use super::table::{Column, ColumnType};

/// The generic parts of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    KeyNew,
    KeyFinish,
    Inbox,
    Claim,
    Release,
    Count,
    Outbox,
}

impl Part {
    pub(crate) const ALL: [Self; 7] =
        [Self::KeyNew, Self::KeyFinish, Self::Inbox, Self::Claim, Self::Release, Self::Count, Self::Outbox];

    /// The columns of the part's arrays after `item`, in order.
    pub(crate) const fn columns(self) -> &'static [Column] {
        use ColumnType::{BigInt, Bytes, Int, Text, Timestamp, Uuid};
        const fn c(name: &'static str, column_type: ColumnType) -> Column {
            Column::new(name, column_type)
        }
        match self {
            Self::KeyNew => {
                &const {
                    [
                        c("tenant_id", Text),
                        c("route", Text),
                        c("key", Text),
                        c("fingerprint", Bytes),
                        c("resource", Text),
                        c("started_at", Timestamp),
                        c("status", Int),
                        c("body", Text),
                    ]
                }
            }
            Self::KeyFinish => {
                &const {
                    [
                        c("tenant_id", Text),
                        c("route", Text),
                        c("key", Text),
                        c("status", Int),
                        c("body", Text),
                    ]
                }
            }
            Self::Inbox => &const { [c("tenant_id", Text), c("consumer", Text), c("key", Text)] },
            Self::Claim => {
                &const {
                    [
                        c("tenant_id", Text),
                        c("kind", Text),
                        c("key", Text),
                        c("owner", Text),
                        c("from_owner", Text),
                    ]
                }
            }
            Self::Release => {
                &const { [c("tenant_id", Text), c("kind", Text), c("key", Text), c("owner", Text)] }
            }
            Self::Count => {
                &const {
                    [c("tenant_id", Text), c("kind", Text), c("key", Text), c("by", BigInt), c("max", BigInt)]
                }
            }
            Self::Outbox => {
                &const {
                    [
                        c("tenant_id", Text),
                        c("n", Int),
                        c("id", Uuid),
                        c("topic", Text),
                        c("key", Text),
                        c("subject", Text),
                        c("source", Text),
                        c("time", Timestamp),
                        c("version", BigInt),
                        c("traceparent", Text),
                        c("data", Text),
                    ]
                }
            }
        }
    }
}
