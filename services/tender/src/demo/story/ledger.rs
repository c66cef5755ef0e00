//! The day in the ledger.

use std::collections::{BTreeMap, BTreeSet};

use tender_domain::kernel::{Currency, Money, MoneyError};

use super::Day;
use super::day::Moved;
use crate::demo::api::Api;
use crate::demo::error::{DemoError, expect};
use crate::demo::stage::Stage;
use crate::demo::waiting::until;
use crate::demo::wire::{Entry, LedgerCheck, List};

const DEBIT: &str = "debit";

/// What was added up of an account in a currency: debits, then credits.
type Sums = BTreeMap<(&'static str, String), (Money, Money)>;

pub(super) async fn play(api: &Api, stage: &mut Stage, day: &Day) -> Result<(), DemoError> {
    stage.scene("The evening: what the ledger says of the day")?;
    let (entries, waited) =
        until("the day's last line in the ledger", async || entries_of(api, day).await).await?;
    stage.done(&format!(
        "every event was followed ({} ms): {} effects posted, each once",
        waited.as_millis(),
        entries.len() / 2
    ))?;
    stage.aside(
        "They were told on payment.processed and refund.processed; the ticket shop also reads payment-succeeded, and \
         Tom's decline went out on payment-failed.",
    )?;
    table(stage, &entries)?;

    let check: LedgerCheck = api.get("/v1/payments/ledger/check").await?;
    expect("whether the whole ledger is balanced", true, check.balanced)?;
    stage.done(&format!(
        "the whole ledger was added up again: {} transactions, balanced",
        check.transactions
    ))?;
    Ok(())
}

/// All lines of the day's payments, once all are there and say what the story says.
async fn entries_of(api: &Api, day: &Day) -> Result<Option<Vec<Entry>>, DemoError> {
    let mut all = Vec::new();
    for moved in &day.moved {
        let path = format!("/v1/payments/ledger/entries?limit=100&intent_id={}", moved.intent);
        let list: List<Entry> = api.get(&path).await?;
        let lines = 2 * (1 + usize::from(moved.refunded.is_some()));
        if list.data.len() < lines {
            return Ok(None);
        }
        agree(moved, &list.data)?;
        expect("the ledger's lines of a payment", lines, list.data.len())?;
        all.extend(list.data);
    }
    Ok(Some(all))
}

/// Each effect has one debit and one credit of what the story moved.
fn agree(moved: &Moved, entries: &[Entry]) -> Result<(), DemoError> {
    for entry in entries {
        let told = match &*entry.kind {
            "refund" => moved.refunded.unwrap_or(Money::zero(moved.captured.currency())),
            _ => moved.captured,
        };
        expect(&format!("the {} of a {} in the ledger", entry.direction, entry.kind), told, entry.amount())?;
    }
    Ok(())
}

/// The day's accounts with what was debited and credited, a table a currency.
fn table(stage: &mut Stage, entries: &[Entry]) -> Result<(), DemoError> {
    let sums = add_up(entries).map_err(|error| DemoError::Unexpected {
        what: "a sum of the ledger".to_owned(),
        expected: "an amount".to_owned(),
        found: error.to_string(),
    })?;
    let currencies: BTreeSet<&'static str> = sums.keys().map(|(currency, _)| *currency).collect();
    for currency in currencies {
        stage.head(currency)?;
        let rows: Vec<_> = sums.iter().filter(|((of, _), _)| *of == currency).collect();
        let (mut debits, mut credits) = (0_i64, 0_i64);
        let mut unit = Currency::EUR;
        for ((_, account), (debit, credit)) in rows {
            unit = debit.currency();
            (debits, credits) = (debits + debit.minor(), credits + credit.minor());
            stage.row(account, some(*debit), some(*credit))?;
        }
        let (debits, credits) = (Money::new(debits, unit), Money::new(credits, unit));
        expect("the credits of the day", debits, credits)?;
        stage.rule()?;
        stage.row("equal", Some(debits), Some(credits))?;
    }
    Ok(())
}

fn some(money: Money) -> Option<Money> {
    (!money.is_zero()).then_some(money)
}

fn add_up(entries: &[Entry]) -> Result<Sums, MoneyError> {
    let mut sums = Sums::new();
    for entry in entries {
        let amount = entry.amount();
        let zero = Money::zero(amount.currency());
        let key = (amount.currency().code(), entry.account.clone());
        let (debit, credit) = sums.entry(key).or_insert((zero, zero));
        let side = if entry.direction == DEBIT { debit } else { credit };
        *side = side.checked_add(amount)?;
    }
    Ok(sums)
}
