//! The table of payment links, and the rows of its writes.

use tender_domain::kernel::Save;
use tender_domain::payment_links::{LinkSending, PaymentLink};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec};

/// The kind of the locator's entries.
pub(crate) const LOCATED_AS: &str = "payment_link";

pub(crate) static PAYMENT_LINKS: TableSpec = TableSpec {
    name: "payment_links",
    key: &[Column::new("link_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("livemode", ColumnType::Bool),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("customer_id", ColumnType::Text),
        Column::new("merchant_account_id", ColumnType::Text),
        Column::new("description", ColumnType::Text),
        Column::new("order_ref", ColumnType::Text),
        Column::new("details", ColumnType::Json),
        Column::new("guest", ColumnType::Json),
        Column::new("usage", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("expires_at", ColumnType::Timestamp),
        Column::new("token_hash", ColumnType::Bytes),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("hotel_id", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static LINK_SENDINGS: TableSpec = TableSpec {
    name: "link_sendings",
    key: &[Column::new("sending_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("link_id", ColumnType::Uuid),
        Column::new("channel", ColumnType::Text),
        Column::new("recipient", ColumnType::Text),
        Column::new("base_url", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("failures", ColumnType::Int),
        Column::new("due_at", ColumnType::Timestamp),
        Column::new("problem", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

/// Inserted only: a token's hash belongs to its link for ever.
pub(crate) static LOCATOR: TableSpec = TableSpec {
    name: "locator",
    key: &[Column::new("kind", ColumnType::Text), Column::new("key", ColumnType::Text)],
    columns: &[],
};

pub(crate) fn payment_link_rows(save: &Save<PaymentLink>, rows: &mut Rows) {
    let link = &*save.after;
    let json = "structs of texts have a JSON form";
    let cells = vec![
        link.id.uuid().into(),
        link.version.number().into(),
        link.livemode.into(),
        link.amount.minor().into(),
        link.amount.currency().code().into(),
        link.customer_id.as_deref().into(),
        link.merchant_account_id.as_str().into(),
        link.description.as_deref().into(),
        link.order_ref.as_deref().into(),
        Cell::json(&link.details).expect(json),
        Cell::json(&link.guest).expect(json),
        link.usage.as_str().into(),
        link.status.as_str().into(),
        link.expires_at.into(),
        link.token_hash.to_vec().into(),
        link.intent.map(|intent| intent.uuid()).into(),
        link.hotel_id.as_deref().into(),
        link.created_at.into(),
        link.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => {
            rows.insert(&PAYMENT_LINKS, cells);
            rows.insert(&LOCATOR, vec![LOCATED_AS.into(), hex(&link.token_hash).as_str().into()]);
        }
        Some(before) => rows.update(&PAYMENT_LINKS, before.version.number(), cells),
    }
}

pub(crate) fn link_sending_rows(save: &Save<LinkSending>, rows: &mut Rows) {
    let sending = &*save.after;
    let cells = vec![
        sending.id.uuid().into(),
        sending.version.number().into(),
        sending.link.uuid().into(),
        sending.channel.as_str().into(),
        sending.recipient.as_str().into(),
        sending.base_url.as_str().into(),
        sending.dispatch.status.as_str().into(),
        i32::try_from(sending.dispatch.failures).unwrap_or(i32::MAX).into(),
        sending.dispatch.due_at.into(),
        sending.dispatch.problem.as_deref().into(),
        sending.created_at.into(),
        sending.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&LINK_SENDINGS, cells),
        Some(before) => rows.update(&LINK_SENDINGS, before.version.number(), cells),
    }
}

/// As the locator has it.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
