//! What gateways tell of the money that they settle: rows of their reports, in one form for all.

use async_trait::async_trait;

use super::GatewayError;
use crate::kernel::{Money, Timestamp};

/// What a row of a settlement report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SettlementKind {
    /// Money of a payment.
    Charge,
    /// Money that was given back, or a refund that came to nothing.
    Refund,
    /// Money that a bank took back, or returned after a dispute.
    Dispute,
    /// What the gateway takes for its work and is of no single payment.
    Fee,
    /// What was paid out to the merchant's bank, or came back from there.
    Payout,
    /// Whatever else moved the balance.
    Adjustment,
}

/// One movement of the merchant's balance at a gateway. `gross` less `fee` is `net`; what makes the balance less is
/// negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementRow {
    /// What the gateway calls the movement; by it a repetition is known.
    pub id: String,
    /// What it is about.
    pub kind: SettlementKind,
    /// What the gateway calls the payment, as our charges have it; none when the row names none.
    pub gateway_reference: Option<String>,
    /// The merchant's reference in the row, when there is one: ours, for what we asked.
    pub reference: Option<String>,
    /// What moved before the fee.
    pub gross: Money,
    /// What the gateway keeps of it; negative when it gives a fee back.
    pub fee: Money,
    /// What the balance moved by.
    pub net: Money,
    /// What the gateway calls the payout that it belongs to, when it says so.
    pub payout: Option<String>,
    /// When it moved the balance, as the gateway says.
    pub booked_at: Timestamp,
}

/// Asks for the movements of a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementRequest {
    /// From then on.
    pub from: Timestamp,
    /// Until just before then; at most 31 days after.
    pub until: Timestamp,
    /// Where the page before ended; none for the first.
    pub cursor: Option<String>,
}

/// A page of movements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementPage {
    /// Its rows, in the gateway's order.
    pub rows: Vec<SettlementRow>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// What a gateway is told of the report that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportsBy {
    /// The time whose movements are wanted: [`SettlementReports::settlement`].
    Time,
    /// The gateway's own name of a report, which a person knows: [`SettlementReports::named`].
    Name,
}

/// A gateway's settlement reports.
#[async_trait]
pub trait SettlementReports: Send + Sync {
    /// By what its reports are asked for.
    fn asked_by(&self) -> ReportsBy {
        ReportsBy::Time
    }

    /// A page of what moved the merchant's balance.
    ///
    /// # Errors
    /// `NotDone` when the account is not set up for reports, the gateway refuses, or its reports are asked for by name;
    /// `Unknown` for silence and nonsense. Nothing moves either way: it can be asked again.
    async fn settlement(&self, asked: &SettlementRequest) -> Result<SettlementPage, GatewayError>;

    /// The report that the gateway calls so, whole.
    ///
    /// # Errors
    /// `NotDone` when there is none of this name, or its reports are asked for by time; else as `settlement`.
    async fn named(&self, _report: &str) -> Result<SettlementPage, GatewayError> {
        Err(GatewayError::NotDone("its reports are asked for by time".to_owned()))
    }
}
