use tender_domain::connectors::ConnectorRefusal;
use tender_domain::deposits::DepositRefusal;
use tender_domain::fraud::FraudRefusal;
use tender_domain::intents::Refusal;
use tender_domain::kernel::{CommitError, InvalidMetadata, MethodId, StoreError};
use tender_domain::payment_links::LinkRefusal;
use tender_domain::ports::{MethodLookupError, NoticeChannel, OrderDirectoryError};
use tender_http::Problem;

/// Why a use case of intents has no answer to give.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntentsError {
    /// There is no such intent for this caller.
    #[error("there is no such payment intent")]
    NoSuchIntent,
    /// There is no such order for this caller.
    #[error("there is no such order")]
    NoSuchOrder,
    /// There is no such reservation of a hotel.
    #[error("there is no such reservation")]
    NoSuchReservation,
    /// The reservation was told before, with another booking.
    #[error("the reservation was told before with another booking; change it by PATCH")]
    OtherReservation,
    /// The reservation was given up.
    #[error("the reservation was given up")]
    ReservationCancelled,
    /// There is no such payment method.
    #[error("there is no payment method {0}")]
    NoSuchMethod(MethodId),
    /// The method is another customer's.
    #[error("the payment method {0} belongs to another customer")]
    MethodOfAnotherCustomer(MethodId),
    /// The method is another merchant account's.
    #[error("the payment method {0} belongs to another merchant account")]
    MethodOfAnotherMerchant(MethodId),
    /// No connector that takes payments holds a token for the method.
    #[error("the payment method {0} cannot be charged at any connector")]
    MethodNotChargeable(MethodId),
    /// The card's last month is over.
    #[error("the payment method {0} has expired")]
    MethodExpired(MethodId),
    /// The intent has no method to confirm with.
    #[error("the payment intent has no payment method")]
    NoMethod,
    /// The intent refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The first call with the same key still runs.
    #[error("a request with this key still runs")]
    InFlight,
    /// The key belongs to another request.
    #[error("the key belongs to another request")]
    OtherRequest,
    /// The metadata would pass its bounds with the changes laid over it.
    #[error(transparent)]
    Metadata(#[from] InvalidMetadata),
    /// The client has seen another version than the newest, or names none where it must.
    #[error("the client has seen another version")]
    StaleVersion(Box<Problem>),
    /// The vault cannot be reached; nothing was tried.
    #[error("the vault is unavailable: {0}")]
    VaultUnavailable(String),
    /// The outside scorer said nothing, and without it nothing is tried.
    #[error("the risk scorer is unavailable: {0}")]
    ScorerUnavailable(String),
    /// The order directory cannot be reached; nothing was tried.
    #[error(transparent)]
    Orders(#[from] OrderDirectoryError),
    /// An idempotency key's record names what is not there.
    #[error("the idempotency record names {0}, which is not there")]
    BadKeyRecord(String),
    /// There is no such fraud rule.
    #[error("there is no such fraud rule")]
    NoSuchFraudRule,
    /// There is no such decision of fraud.
    #[error("there is no such fraud decision")]
    NoSuchFraudDecision,
    /// There is no such payment link for this caller.
    #[error("there is no such payment link")]
    NoSuchLink,
    /// No card was sent by this form.
    #[error("no card was sent by this form")]
    NoSuchForm,
    /// Messages cannot be delivered by this channel here.
    #[error("messages by {} cannot be sent here: the channel is not set up", .0.as_str())]
    ChannelNotAvailable(NoticeChannel),
    /// Deposit policies, or a stay, were refused.
    #[error(transparent)]
    Deposit(#[from] DepositRefusal),
    /// A payment link refused.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// A change of the fraud rules, or an override, was refused.
    #[error(transparent)]
    Fraud(#[from] FraudRefusal),
    /// There is no such connector for this caller.
    #[error("there is no such connector")]
    NoSuchConnector,
    /// There is no such routing rule.
    #[error("there is no such routing rule")]
    NoSuchRoutingRule,
    /// A change of connectors or routing rules was refused.
    #[error(transparent)]
    Connector(#[from] ConnectorRefusal),
    /// There is no such callback of a gateway for this caller.
    #[error("there is no such callback")]
    NoSuchCallback,
    /// There is no such session of an alternative payment method.
    #[error("there is no such session")]
    NoSuchSession,
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<MethodLookupError> for IntentsError {
    fn from(error: MethodLookupError) -> Self {
        match error {
            MethodLookupError::NotFound(id) => Self::NoSuchMethod(id),
            MethodLookupError::Unavailable(why) => Self::VaultUnavailable(why),
        }
    }
}
