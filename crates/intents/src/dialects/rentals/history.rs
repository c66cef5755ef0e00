//! A user's transactions, page by page.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::intents::{
    Channel, Intent, Transaction, TransactionFilter, TransactionKind, TransactionStanding,
};
use tender_domain::kernel::Timestamp;
use tender_events::exact_amount;
use tender_http::storefront::rentals::{Named, Refused};
use utoipa::{IntoParams, ToSchema};

use super::body::{Status, method, transaction_id};

const LIMIT_DEFAULT: u32 = 20;
const LIMIT_MAX: u32 = 100;
/// Beyond any page that there is.
const PAGE_MAX: u64 = 1_000_000_000;

/// Which transactions, and which page of them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// Which page, from 1; 1 when it is not there.
    page: Option<String>,
    /// How many of a page, 1 to 100; 20 when it is not there.
    limit: Option<String>,
    /// `payment` or `refund`.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<Kind>,
    /// `pending`, `completed` or `failed`.
    #[param(inline)]
    status: Option<Status>,
    /// Begun then or later: an ISO 8601 instant or day.
    from_date: Option<String>,
    /// Begun then or before: an ISO 8601 instant or day.
    to_date: Option<String>,
}

/// What a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RentalsTransactionType)]
pub(super) enum Kind {
    /// Money that came.
    Payment,
    /// Money that was given back.
    Refund,
}

/// A query, checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    page: u64,
    limit: u32,
    kind: Option<Kind>,
    status: Option<Status>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// A transaction.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsTransaction)]
pub(super) struct TransactionBody {
    /// Its number, among those of its type.
    #[schema(value_type = i64, example = 789)]
    pub(super) id: Named,
    /// The booking.
    booking_id: Option<i64>,
    /// What it is.
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// In major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// Where it stands.
    status: Status,
    /// What kind of method was charged.
    method: String,
    /// The card's last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    card_last4: Option<String>,
    /// What the gateway calls it.
    transaction_id: Option<String>,
    /// When it was begun.
    created_at: DateTime<Utc>,
}

/// Which page it is, of how many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsMeta)]
pub(super) struct Meta {
    /// This page, from 1.
    current_page: u64,
    /// How many there are.
    total_pages: u64,
    /// How many transactions pass the filter.
    total_items: u64,
    /// How many a page has at most.
    per_page: u32,
}

/// One page of a user's transactions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsTransactions)]
pub(super) struct HistoryBody {
    /// Always `success`.
    #[schema(value_type = String, example = "success")]
    status: &'static str,
    /// For a person.
    #[schema(value_type = String)]
    message: &'static str,
    /// The transactions, newest first.
    pub(super) data: Vec<TransactionBody>,
    /// Which page it is.
    meta: Meta,
}

impl HistoryQuery {
    /// The query, or which parameter is wrong.
    pub(super) fn checked(self) -> Result<Wanted, Refused> {
        Ok(Wanted {
            page: whole("page", self.page, 1, PAGE_MAX)?,
            limit: whole("limit", self.limit, LIMIT_DEFAULT, LIMIT_MAX)?,
            kind: self.kind,
            status: self.status,
            from: self.from_date.map(|text| instant("from_date", &text, false)).transpose()?,
            to: self.to_date.map(|text| instant("to_date", &text, true)).transpose()?,
        })
    }
}

/// A whole number from 1 to `max`, or the default.
fn whole<N: FromStr + Copy + PartialOrd + From<u8> + Display>(
    name: &str,
    text: Option<String>,
    default: N,
    max: N,
) -> Result<N, Refused> {
    let number = text.map_or(Some(default), |text| text.parse().ok());
    let number = number.filter(|number| (N::from(1)..=max).contains(number));
    number.ok_or_else(|| Refused::invalid(format!("{name} must be a whole number from 1 to {max}")))
}

/// An instant; a day is its beginning, or all of it when it is an `end`.
fn instant(name: &str, text: &str, end: bool) -> Result<Timestamp, Refused> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let begins = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let day = text.parse::<NaiveDate>().ok();
    let at = match end {
        false => day.map(begins),
        true => day
            .and_then(|day| day.checked_add_days(Days::new(1)))
            .map(|next| begins(next) - chrono::Duration::microseconds(1)),
    };
    at.ok_or_else(|| Refused::invalid(format!("{name} must be an ISO 8601 instant or day")))
}

impl Wanted {
    /// The filter of a user's transactions without the refunds that are open.
    pub(super) fn filter(&self, user: &str) -> TransactionFilter {
        TransactionFilter {
            customer_id: user.to_owned(),
            channel: Channel::Rentals,
            kind: self.kind.map(Kind::into),
            standing: self.status.map(Status::into),
            from: self.from,
            to: self.to,
            open: Vec::new(),
        }
    }

    /// Whether refunds can be among them.
    pub(super) fn wants_refunds(&self) -> bool {
        self.kind != Some(Kind::Payment)
    }

    /// How many transactions are on the pages before, and how many the page has at most.
    pub(super) fn place(&self) -> (u64, u32) {
        ((self.page - 1).saturating_mul(u64::from(self.limit)), self.limit)
    }

    /// The page, of so many transactions in all.
    pub(super) fn page_of(&self, total: u64, data: Vec<TransactionBody>) -> HistoryBody {
        let meta = Meta {
            current_page: self.page,
            total_pages: total.div_ceil(u64::from(self.limit)),
            total_items: total,
            per_page: self.limit,
        };
        HistoryBody { status: "success", message: "Transactions fetched", data, meta }
    }
}

impl From<Kind> for TransactionKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Payment => Self::Payment,
            Kind::Refund => Self::Refund,
        }
    }
}

impl From<Transaction> for TransactionBody {
    fn from(transaction: Transaction) -> Self {
        match &transaction {
            Transaction::Payment(intent) => Self::payment(intent),
            Transaction::Refund(intent, refund) => Self {
                id: Named::Id(refund.id.uuid()),
                kind: Kind::Refund,
                amount: refund.amount.to_decimal(),
                currency: refund.amount.currency().code().to_owned(),
                status: TransactionStanding::of_refund(refund.status).into(),
                transaction_id: refund.gateway_reference.clone(),
                created_at: refund.created_at,
                ..Self::payment(intent)
            },
            Transaction::OpenRefund(intent, refund) => Self {
                id: Named::Id(refund.id.uuid()),
                kind: Kind::Refund,
                amount: refund.amount.to_decimal(),
                currency: refund.amount.currency().code().to_owned(),
                status: TransactionStanding::of_refund(refund.status).into(),
                transaction_id: refund.gateway_reference.clone(),
                created_at: refund.created_at,
                ..Self::payment(intent)
            },
        }
    }
}

impl TransactionBody {
    fn payment(intent: &Intent) -> Self {
        Self {
            id: Named::Id(intent.id.uuid()),
            booking_id: booking(intent),
            kind: Kind::Payment,
            amount: intent.amount.to_decimal(),
            currency: intent.amount.currency().code().to_owned(),
            status: Status::of(intent),
            method: method(intent),
            card_last4: intent.method.last4.clone(),
            transaction_id: transaction_id(intent),
            created_at: intent.created_at,
        }
    }
}

/// The booking that a payment is for.
pub(super) fn booking(intent: &Intent) -> Option<i64> {
    intent.order_ref.as_deref()?.parse().ok()
}
