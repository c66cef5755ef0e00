//! What the sandbox has from the beginning.

use std::str::FromStr;

use anyhow::Context;
use chrono::{DateTime, Utc};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{Order, OrderStatus, Reservation};

use crate::Intents;

/// The order of the tickets document's example: 150.00 USD, and a reservation that does not run out.
const ORDER: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const CUSTOMER: &str = "a8098c1a-f86e-11da-bd1a-00112444be1e";
const RESERVATION: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
const AMOUNT_MINOR: i64 = 15_000;
const RESERVED_UNTIL: &str = "2099-12-31T23:59:59Z";

/// Puts the tickets document's example order into tenant `sandbox`, unless it is there.
///
/// # Errors
/// When the orders directory cannot be read or written.
pub async fn seed_sandbox(intents: &Intents) -> anyhow::Result<()> {
    let tenant = TenantId::sandbox();
    let failed = "the sandbox's example order cannot be put into the orders directory";
    if intents.built_in_orders.find(&tenant, ORDER).await.context(failed)?.is_some() {
        return Ok(());
    }
    let expires_at = DateTime::<Utc>::from_str(RESERVED_UNTIL).context(failed)?;
    let order = Order {
        reference: ORDER.to_owned(),
        kind: "order".to_owned(),
        customer_id: CUSTOMER.to_owned(),
        amount: Money::new(AMOUNT_MINOR, Currency::USD),
        status: OrderStatus::Pending,
        starts_at: None,
        product_type: None,
        rate_plan: None,
        reservation: Some(Reservation {
            id: RESERVATION.to_owned(),
            holder: CUSTOMER.to_owned(),
            expires_at,
        }),
        details: Default::default(),
    };
    intents.service.put_order(&tenant, order).await.context(failed)?;
    Ok(())
}
