use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::kernel::{Money, TenantId, Timestamp};

/// What the ordering side says of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// Waits for its payment.
    Pending,
    /// Paid.
    Confirmed,
    /// Canceled.
    Canceled,
}

impl OrderStatus {
    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Canceled => "canceled",
        }
    }

    /// The status with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        [Self::Pending, Self::Confirmed, Self::Canceled].into_iter().find(|status| status.as_str() == text)
    }
}

/// A reservation that belongs to an order (seats, a room, a car).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Its id as the ordering side has it.
    pub id: String,
    /// The customer that holds it.
    pub holder: String,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// An order, booking or reservation to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its reference as the ordering side has it.
    pub reference: String,
    /// What it is: `order`, `booking`, `reservation`.
    pub kind: String,
    /// Whose it is.
    pub customer_id: String,
    /// What is to be paid.
    pub amount: Money,
    /// Where it stands.
    pub status: OrderStatus,
    /// When what was ordered begins (a trip, a stay).
    pub starts_at: Option<Timestamp>,
    /// What kind of thing it is (a guided trip, a rental), as refund policies name it.
    pub product_type: Option<String>,
    /// At which rate plan it was ordered, as refund policies name it.
    pub rate_plan: Option<String>,
    /// The reservation behind it.
    pub reservation: Option<Reservation>,
    /// What the ordering side wants shown of it beside (a car, a room); nothing is decided by it.
    pub details: Map<String, Value>,
}

/// The directory did not answer; nothing is known.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the order directory is unavailable: {0}")]
pub struct OrderDirectoryError(pub String);

/// Where orders are looked up: an ordering service by HTTP, or the built-in directory.
#[async_trait]
pub trait OrderDirectory: Send + Sync {
    /// The order with this reference; none when there is none for this tenant.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    async fn find(&self, tenant: &TenantId, reference: &str) -> Result<Option<Order>, OrderDirectoryError>;

    /// Writes back where an order stands now: `Confirmed` because it was paid, `Pending` because what paid it was
    /// taken back, or `Canceled`. Harmless twice; an order that is not there, or was given up, is left as it is.
    ///
    /// # Errors
    /// When the directory cannot be reached: to be written again later.
    async fn write_back(
        &self,
        tenant: &TenantId,
        reference: &str,
        status: OrderStatus,
    ) -> Result<(), OrderDirectoryError>;
}
