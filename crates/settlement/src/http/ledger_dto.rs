//! The ledger as clients see it.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, IntentId, LedgerEntryId, Timestamp};
use tender_domain::ledger::{CurrencyTotals, Difference, EntryFilter, LedgerCheck, LedgerEntry, Totals};
use tender_http::{CreatedRange, Problem};
use utoipa::{IntoParams, ToSchema};

/// The most differences that a check names; there are none in order.
const DIFFERENCES_MAX: usize = 100;

/// Which entries a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct EntryListFilter {
    /// Of this account.
    #[param(example = "liability:merchant:ma_default:payable")]
    account: Option<String>,
    /// Of this effect: a capture (`cap_…`) or a refund (`rf_…`).
    effect_id: Option<String>,
    /// Concerning this intent (`pi_…`).
    intent_id: Option<String>,
    /// Posted in this range, as in `created[gte]=2026-01-01T00:00:00Z`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    created: CreatedRange,
}

/// A parameter that cannot be read.
pub(super) fn invalid(name: &'static str, why: impl ToString) -> Problem {
    let why = why.to_string();
    Problem::bad_request("invalid_parameter", format!("the query parameter `{name}`: {why}"))
        .parameter(name, why)
}

impl TryFrom<EntryListFilter> for EntryFilter {
    type Error = Problem;

    fn try_from(filter: EntryListFilter) -> Result<Self, Problem> {
        let EntryListFilter { account, effect_id, intent_id, created } = filter;
        // What is stored has microseconds: later than an instant is from the next one on.
        let next = |instant: Timestamp| instant.checked_add_signed(chrono::TimeDelta::microseconds(1));
        let CreatedRange { gt, gte, lt, lte } = created;
        Ok(Self {
            account: account.map(|text| text.parse().map_err(|e| invalid("account", e))).transpose()?,
            effect: effect_id.map(|text| text.parse().map_err(|e| invalid("effect_id", e))).transpose()?,
            intent: intent_id.map(|text| text.parse().map_err(|e| invalid("intent_id", e))).transpose()?,
            posted_from: gte.max(gt.and_then(next)),
            posted_before: [lt, lte.and_then(next)].into_iter().flatten().min(),
        })
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct EntryResource {
    /// Its id.
    #[schema(value_type = String, example = "le_01h2xcejqtf2nbrexx3vqjhp41")]
    pub(super) id: LedgerEntryId,
    /// Always `ledger_entry`.
    #[schema(value_type = String, example = "ledger_entry")]
    object: &'static str,
    /// The effect that it posts; the other lines of that effect carry the same.
    #[schema(example = "cap_01h2xcejqtf2nbrexx3vqjhp41")]
    effect_id: String,
    /// What kind of effect: `capture`, `refund`, `chargeback`, `dispute_won`, `dispute_lost`, `store_credit_redemption`,
    /// `store_credit_grant`, `reversal`.
    #[schema(value_type = String, example = "capture")]
    kind: &'static str,
    /// The intent it concerns; null when it concerns none.
    #[schema(value_type = Option<String>, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    intent_id: Option<IntentId>,
    /// The account.
    #[schema(example = "asset:gateway:simulator:receivable")]
    account: String,
    /// `debit` or `credit`.
    #[schema(value_type = String, example = "debit")]
    direction: &'static str,
    /// How much, in minor units; more than zero.
    #[schema(example = 15000)]
    amount: i64,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// When the effect happened.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    /// When it was posted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<LedgerEntry> for EntryResource {
    fn from(entry: LedgerEntry) -> Self {
        Self {
            id: entry.id,
            object: "ledger_entry",
            effect_id: entry.effect.to_string(),
            kind: entry.kind.as_str(),
            intent_id: entry.intent,
            account: entry.account.to_string(),
            direction: entry.side.as_str(),
            amount: entry.amount.minor(),
            currency: entry.amount.currency(),
            occurred_at: entry.occurred_at,
            created_at: entry.posted_at,
        }
    }
}

/// Sums of both sides, in minor units.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct SumsResource {
    /// The sum of debits.
    #[schema(value_type = i64, example = 15000)]
    debit: i128,
    /// The sum of credits.
    #[schema(value_type = i64, example = 15000)]
    credit: i128,
}

impl From<Totals> for SumsResource {
    fn from(Totals { debits, credits }: Totals) -> Self {
        Self { debit: debits, credit: credits }
    }
}

/// A currency of the ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CurrencyResource {
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// The sums of all entries.
    #[serde(flatten)]
    entries: SumsResource,
    /// Whether debits equal credits, in the entries and in the balances that are kept.
    balanced: bool,
}

impl From<CurrencyTotals> for CurrencyResource {
    fn from(totals: CurrencyTotals) -> Self {
        Self { currency: totals.currency, entries: totals.entries.into(), balanced: totals.balanced() }
    }
}

/// An account whose kept balance is not what its entries add up to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DifferenceResource {
    /// The account.
    #[schema(example = "asset:gateway:simulator:receivable")]
    account: String,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// What its entries add up to.
    entries: SumsResource,
    /// What is kept.
    kept: SumsResource,
}

impl From<Difference> for DifferenceResource {
    fn from(difference: Difference) -> Self {
        Self {
            account: difference.account.to_string(),
            currency: difference.currency,
            entries: difference.replayed.into(),
            kept: difference.kept.into(),
        }
    }
}

/// What a check of the ledger found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CheckResource {
    /// Always `ledger_check`.
    #[schema(value_type = String, example = "ledger_check")]
    object: &'static str,
    /// Whether the ledger is in order.
    balanced: bool,
    /// Every currency that the ledger has.
    currencies: Vec<CurrencyResource>,
    /// Accounts whose kept balance is wrong; the first hundred.
    differences: Vec<DifferenceResource>,
    /// How many transactions were added up.
    #[schema(example = 3)]
    transactions: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    checked_at: Timestamp,
}

impl From<LedgerCheck> for CheckResource {
    fn from(check: LedgerCheck) -> Self {
        Self {
            object: "ledger_check",
            balanced: check.balanced(),
            currencies: check.currencies.into_iter().map(CurrencyResource::from).collect(),
            differences: check
                .differences
                .into_iter()
                .take(DIFFERENCES_MAX)
                .map(DifferenceResource::from)
                .collect(),
            transactions: check.transactions,
            checked_at: check.checked_at,
        }
    }
}
