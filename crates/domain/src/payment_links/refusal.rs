//! Why a link refused a command.

use crate::ports::NoticeChannel;

use super::LinkState;

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// The link does not stand so that it permits it.
    #[error("the payment link is {}", .0.as_str())]
    NotOpen(LinkState),
    /// A payment of the link is under way or done.
    #[error("the payment link is being paid; cancel its payment intent instead")]
    BeingPaid,
    /// Its end is in the past, or later than it can be.
    #[error("a payment link ends in the future, within a year")]
    BadEnd,
    /// The guest cannot be reached by this way.
    #[error("the link's guest has no address for {}; make the link with one", .0.as_str())]
    NoRecipient(NoticeChannel),
    /// The tenant takes nothing that the page of a link can take.
    #[error(
        "the settings permit no method that the page of a payment link can take (`allowed_methods`): cards, and what a connector has sessions of"
    )]
    NoMethodAllowed,
    /// More details than a page shows.
    #[error("a payment link shows at most {} details", super::PaymentLink::DETAILS_MAX)]
    TooManyDetails,
}
