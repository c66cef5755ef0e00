//! Store credit as clients see it.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{
    Answer, CreditAdjustmentId, Currency, IntentId, LedgerEntryId, Limits, Money, Timestamp, find_card_number,
};
use tender_domain::ledger::{
    AccountBalance, AccountPart, CreditAdjustment, CreditAdjustmentType, Side, StoreCreditRefusal,
};
use tender_http::{Problem, keep};
use utoipa::ToSchema;

use crate::{AdjustStoreCredit, StoreCreditMovement, StoreCreditPresenter};

/// The most characters of a reason.
const REASON_CHARS: usize = Limits::METADATA_VALUE_CHARS;

pub(super) const PRESENTER: StoreCreditPresenter = StoreCreditPresenter {
    adjusted: |adjustment| keep(201, &AdjustmentResource::from(adjustment)),
    refusal: refused,
};

fn refused(refusal: &StoreCreditRefusal) -> Answer {
    let StoreCreditRefusal::NotEnough { available, .. } = refusal;
    let at_most = format!("must be at most {}", available.minor());
    Problem::unprocessable("store_credit_insufficient", refusal.to_string())
        .pointer("/amount", at_most)
        .to_answer()
}

/// What to do with a customer's store credit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdjustStoreCredit)]
pub(super) struct AdjustBody {
    /// The customer, as the payment named it.
    #[schema(example = "cust_1")]
    customer_id: String,
    /// `redemption`: the customer spent it. `grant`: it is given, and is no refund.
    #[serde(rename = "type")]
    kind: TypeWord,
    /// How much, in minor units.
    #[schema(minimum = 1, example = 2500)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
    /// The merchant account that is owed what was spent, or bears what is given.
    #[schema(example = "ma_default")]
    merchant_account_id: String,
    /// Why, in words for people; at most 500 characters.
    #[schema(example = "spent on order 4711")]
    reason: String,
    /// The order that was paid with it.
    order_ref: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StoreCreditAdjustmentType)]
enum TypeWord {
    Redemption,
    Grant,
}

impl AdjustBody {
    pub(super) fn into_wanted(self) -> Result<AdjustStoreCredit, Problem> {
        let currency: Currency =
            self.currency.parse().map_err(|error: tender_domain::kernel::UnknownCurrency| {
                Problem::bad_request("unknown_currency", error.to_string())
                    .pointer("/currency", "must be an ISO 4217 code")
            })?;
        let amount = Money::positive(self.amount, currency).map_err(|why| {
            Problem::bad_request("invalid_amount", why.to_string()).pointer("/amount", why.to_string())
        })?;
        if self.reason.trim().is_empty() {
            let detail = "say why, for whoever asks later";
            return Err(Problem::bad_request("invalid_text", detail).pointer("/reason", "must not be empty"));
        }
        let order_ref = self.order_ref.map(|given| text("/order_ref", given, Limits::REFERENCE_CHARS));
        Ok(AdjustStoreCredit {
            customer: part("/customer_id", self.customer_id)?,
            kind: match self.kind {
                TypeWord::Redemption => CreditAdjustmentType::Redemption,
                TypeWord::Grant => CreditAdjustmentType::Grant,
            },
            amount,
            merchant_account: part("/merchant_account_id", self.merchant_account_id)?,
            reason: text("/reason", self.reason, REASON_CHARS)?,
            order_ref: order_ref.transpose()?.filter(|given| !given.is_empty()),
        })
    }
}

/// What names somebody in an account.
fn part(pointer: &str, given: String) -> Result<AccountPart, Problem> {
    let given = text(pointer, given, Limits::REFERENCE_CHARS)?;
    given.parse().map_err(|_| {
        let detail = "must be 1 to 255 characters without control characters";
        Problem::bad_request("invalid_reference", detail).pointer(pointer, detail)
    })
}

/// Text of people: bounded, storable, and never a card number.
fn text(pointer: &str, given: String, chars: usize) -> Result<String, Problem> {
    if given.chars().count() > chars {
        let detail = format!("the text is longer than {chars} characters");
        return Err(Problem::bad_request("text_too_long", &detail).pointer(pointer, &detail));
    }
    if given.contains('\0') {
        return Err(Problem::bad_request("invalid_text", "text must not hold the character U+0000")
            .pointer(pointer, "holds U+0000"));
    }
    find_card_number(&given).map_err(|error| {
        Problem::unprocessable("card_number_detected", error.to_string())
            .pointer(pointer, "must not hold a card number")
    })?;
    Ok(given)
}

/// A customer's store credit in one currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StoreCredit)]
pub(super) struct BalanceResource {
    /// Always `store_credit`.
    #[schema(value_type = String, example = "store_credit")]
    object: &'static str,
    /// The customer.
    #[schema(example = "cust_1")]
    customer_id: String,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// How much can be spent, in minor units; zero or more.
    #[schema(value_type = i64, example = 2500)]
    balance: i128,
}

impl BalanceResource {
    pub(super) fn of(customer: &AccountPart, found: &AccountBalance) -> Self {
        Self {
            object: "store_credit",
            customer_id: customer.to_string(),
            currency: found.currency,
            balance: found.balance(),
        }
    }
}

/// A customer's store credit in every currency it has.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StoreCreditList)]
pub(super) struct BalanceList {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// The balances, by currency.
    data: Vec<BalanceResource>,
    /// Whether there are more: never, for there are only so many currencies.
    has_more: bool,
}

impl BalanceList {
    pub(super) const fn of(data: Vec<BalanceResource>) -> Self {
        Self { object: "list", data, has_more: false }
    }
}

/// One change of a customer's store credit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StoreCreditEntry)]
pub(super) struct MovementResource {
    /// The line of the ledger.
    #[schema(value_type = String, example = "le_01h2xcejqtf2nbrexx3vqjhp41")]
    pub(super) id: LedgerEntryId,
    /// Always `store_credit_entry`.
    #[schema(value_type = String, example = "store_credit_entry")]
    object: &'static str,
    /// The customer.
    #[schema(example = "cust_1")]
    customer_id: String,
    /// `refund`, `store_credit_redemption` or `store_credit_grant`.
    #[schema(value_type = String, example = "refund")]
    kind: &'static str,
    /// What changed it: a refund (`rf_…`) or an adjustment (`sca_…`).
    #[schema(example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    effect_id: String,
    /// How much it grew, in minor units; negative where it was spent.
    #[schema(example = 2500)]
    amount: i64,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// The intent whose refund it is; null of an adjustment.
    #[schema(value_type = Option<String>, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: Option<IntentId>,
    /// Why; null of a refund, which has its own.
    reason: Option<String>,
    /// The order that was paid with it.
    order_ref: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl MovementResource {
    pub(super) fn of(customer: &AccountPart, movement: StoreCreditMovement) -> Self {
        let StoreCreditMovement { entry, adjustment } = movement;
        let minor = entry.amount.minor();
        let (reason, order_ref) =
            adjustment.map_or((None, None), |adjustment| (Some(adjustment.reason), adjustment.order_ref));
        Self {
            id: entry.id,
            object: "store_credit_entry",
            customer_id: customer.to_string(),
            kind: entry.kind.as_str(),
            effect_id: entry.effect.to_string(),
            amount: if entry.side == Side::Credit { minor } else { -minor },
            currency: entry.amount.currency(),
            payment_intent_id: entry.intent,
            reason,
            order_ref,
            created_at: entry.occurred_at,
        }
    }
}

/// What was done with a customer's store credit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StoreCreditAdjustment)]
pub(super) struct AdjustmentResource {
    /// Its id, and the effect's in the ledger.
    #[schema(value_type = String, example = "sca_01h2xcejqtf2nbrexx3vqjhp41")]
    id: CreditAdjustmentId,
    /// Always `store_credit_adjustment`.
    #[schema(value_type = String, example = "store_credit_adjustment")]
    object: &'static str,
    /// The customer.
    #[schema(example = "cust_1")]
    customer_id: String,
    /// `redemption` or `grant`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "redemption")]
    kind: &'static str,
    /// How much, in minor units.
    #[schema(example = 2500)]
    amount: i64,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// The merchant account that is owed what was spent, or bears what was given.
    #[schema(example = "ma_default")]
    merchant_account_id: String,
    /// Why.
    #[schema(example = "spent on order 4711")]
    reason: String,
    /// The order that was paid with it.
    order_ref: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<&CreditAdjustment> for AdjustmentResource {
    fn from(adjustment: &CreditAdjustment) -> Self {
        Self {
            id: adjustment.id,
            object: "store_credit_adjustment",
            customer_id: adjustment.customer.to_string(),
            kind: adjustment.kind.as_str(),
            amount: adjustment.amount.minor(),
            currency: adjustment.amount.currency(),
            merchant_account_id: adjustment.merchant_account.to_string(),
            reason: adjustment.reason.clone(),
            order_ref: adjustment.order_ref.clone(),
            created_at: adjustment.made_at,
        }
    }
}
