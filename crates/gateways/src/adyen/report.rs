//! Adyen's settlement details report, as rows for settlement
//! (<https://docs.adyen.com/reporting/settlement-reconciliation/transaction-level/settlement-details-report/>): one file
//! for each batch, that is each payout. The columns are chosen in the Customer Area, so that they are found by their names.

use std::collections::{BTreeMap, HashMap};

use chrono::{Duration, NaiveDateTime};
use tender_domain::kernel::{Currency, Money, Timestamp};
use tender_domain::ports::{GatewayError, SettlementKind, SettlementRow};

use super::token::is_id;
use crate::csv;

/// The file of a batch, below the merchant account's own folder.
pub(super) fn file(batch: u32) -> String {
    format!("settlement_detail_report_batch_{batch}.csv")
}

/// The rows of a batch's file.
///
/// # Errors
/// `Unknown` for a row that cannot be read: a file is taken whole or not at all.
pub(super) fn rows(batch: u32, body: &[u8]) -> Result<Vec<SettlementRow>, GatewayError> {
    let unknown = |why: String| GatewayError::Unknown(format!("Adyen's report of batch {batch}: {why}"));
    let text = std::str::from_utf8(body).map_err(|_| unknown("it is no text".to_owned()))?;
    let mut lines = csv::rows(text, ',').map_err(|why| unknown(why.to_owned()))?.into_iter();
    let names = lines.next().ok_or_else(|| unknown("it is empty".to_owned()))?;
    let columns: HashMap<&str, usize> =
        names.iter().enumerate().map(|(place, name)| (name.trim(), place)).collect();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut rows = Vec::new();
    for (number, fields) in lines.enumerate() {
        let line = Line { columns: &columns, fields: &fields };
        let mut row = line.row(batch).ok_or_else(|| {
            let line = number.saturating_add(2);
            unknown(format!("line {line} is not understood"))
        })?;
        // Two movements of a kind have different modifications; should they not, their order tells them apart.
        let again = seen.entry(row.id.clone()).or_insert(0);
        *again = again.saturating_add(1);
        if *again > 1 {
            row.id = format!("{}/{again}", row.id);
        }
        rows.push(row);
    }
    Ok(rows)
}

struct Line<'a> {
    columns: &'a HashMap<&'a str, usize>,
    fields: &'a [String],
}

impl<'a> Line<'a> {
    /// What stands in a column; none where the report has no such column, or nothing stands there.
    fn at(&self, column: &str) -> Option<&'a str> {
        let field = self.fields.get(*self.columns.get(column)?)?.trim();
        (!field.is_empty()).then_some(field)
    }

    fn row(&self, batch: u32) -> Option<SettlementRow> {
        let kind = kind(self.at("Type")?);
        let net = self.moved("Net", "NC")??;
        // What there is of it says nothing of a fee: it is one, or a payout.
        let gross = match self.moved("Gross", "GC")? {
            Some(gross) if gross.currency() == net.currency() => gross,
            Some(_) => net.checked_add(self.fees(net.currency())?).ok()?,
            None => net,
        };
        let psp = self.at("Psp Reference").filter(|psp| is_id(psp));
        let modification = self.at("Modification Reference").or(psp).unwrap_or_default();
        Some(SettlementRow {
            id: format!("{batch}/{}/{modification}", self.at("Type")?),
            kind,
            gateway_reference: psp.map(str::to_owned),
            reference: self.at("Merchant Reference").map(str::to_owned),
            gross,
            fee: gross.checked_sub(net).ok()?,
            net,
            payout: Some(batch.to_string()),
            booked_at: self.booked_at()?,
        })
    }

    /// Credit less debit of one of the pairs of columns; none inside where both are empty. None where they cannot be read.
    fn moved(&self, what: &str, of: &str) -> Option<Option<Money>> {
        let (debit, credit) =
            (self.at(&format!("{what} Debit ({of})")), self.at(&format!("{what} Credit ({of})")));
        if debit.is_none() && credit.is_none() {
            return Some(None);
        }
        let currency: Currency = self.at(&format!("{what} Currency"))?.parse().ok()?;
        let read = |text: Option<&str>| Money::from_decimal_text(text.unwrap_or("0"), currency).ok();
        read(credit)?.checked_sub(read(debit)?).ok().map(Some)
    }

    /// What Adyen names as taken of a movement: blended, or as the schemes and issuers take it.
    fn fees(&self, currency: Currency) -> Option<Money> {
        let columns = ["Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)"];
        columns.iter().filter_map(|column| self.at(column)).try_fold(Money::zero(currency), |sum, text| {
            sum.checked_add(Money::from_decimal_text(text, currency).ok()?).ok()
        })
    }

    fn booked_at(&self) -> Option<Timestamp> {
        let (text, zone) = match self.at("Booking Date") {
            Some(text) => (text, self.at("Booking Date TimeZone").or_else(|| self.at("TimeZone"))),
            None => (self.at("Creation Date")?, self.at("TimeZone")),
        };
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
        Some(local.checked_sub_signed(ahead_of_utc(zone?)?)?.and_utc())
    }
}

/// How far a time zone, as Adyen abbreviates it, is ahead of UTC.
fn ahead_of_utc(zone: &str) -> Option<Duration> {
    let minutes = match zone {
        "UTC" | "GMT" | "WET" => 0,
        "BST" | "CET" | "WEST" => 60,
        "CEST" | "EET" | "SAST" => 120,
        "EEST" | "MSK" => 180,
        "GST" => 240,
        "IST" => 330,
        "ICT" => 420,
        "SGT" | "HKT" | "MYT" | "AWST" => 480,
        "JST" => 540,
        "AEST" => 600,
        "AEDT" => 660,
        "NZST" => 720,
        "NZDT" => 780,
        "BRT" => -180,
        "EDT" => -240,
        "EST" | "CDT" => -300,
        "CST" | "MDT" => -360,
        "MST" | "PDT" => -420,
        "PST" => -480,
        _ => return None,
    };
    Some(Duration::minutes(minutes))
}

fn kind(named: &str) -> SettlementKind {
    match named {
        "Settled" | "SettledInstallment" => SettlementKind::Charge,
        "Refunded" | "RefundedReversed" => SettlementKind::Refund,
        "Chargeback" | "SecondChargeback" | "ChargebackReversed" => SettlementKind::Dispute,
        "Fee" | "MiscCosts" | "PaymentCost" => SettlementKind::Fee,
        "MerchantPayout" | "PaidOut" | "PaidOutReversed" | "BankInstructionReturned" => {
            SettlementKind::Payout
        }
        _ => SettlementKind::Adjustment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,\
        TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,\
        Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),\
        Payment Method Variant,Modification Merchant Reference,Batch Number\n";

    fn read(lines: &str) -> Result<Vec<SettlementRow>, GatewayError> {
        rows(2, format!("{HEAD}{lines}").as_bytes())
    }

    fn moved(row: &SettlementRow) -> (SettlementKind, i64, i64, i64) {
        (row.kind, row.gross.minor(), row.fee.minor(), row.net.minor())
    }

    #[test]
    fn each_line_is_a_row_with_its_sign_and_adds_up() {
        let read = read(
            "C,M,5364893193133131,sale/sandbox/att_1,visa,2016-02-18 16:10:51,PST,Settled,5555593193155555,USD,,1.00,1,\
             USD,,0.76,,,0.02,0.22,visadebit,,2\n\
             C,M,5364893193133131,sale/sandbox/att_1,visa,2016-02-19 16:10:51,PST,Refunded,5555593193155556,USD,0.50,,1,\
             USD,0.52,,0.02,,,,visadebit,,2\n\
             C,M,,,,2016-02-29 00:00:00,PST,Fee,Transaction Fees February  2016,EUR,,,,USD,1.80,,,,,,,,2\n\
             C,M,,,,2016-02-29 00:00:00,PST,MerchantPayout,\"TX2342222277XT batch 2, M\",EUR,,,,USD,0.76,,,,,,,,2\n\
             C,M,5364893193133132,,visa,2016-02-20 10:00:00,CET,Settled,5555593193155557,GBP,,1.00,1.25,\
             USD,,1.15,,,0.02,0.08,visadebit,,2\n",
        )
        .expect("rows");
        assert_eq!(
            read.iter().map(moved).collect::<Vec<_>>(),
            [
                (SettlementKind::Charge, 100, 24, 76),
                (SettlementKind::Refund, -50, 2, -52),
                (SettlementKind::Fee, -180, 0, -180),
                (SettlementKind::Payout, -76, 0, -76),
                // In the currency of the payout, whatever was paid in.
                (SettlementKind::Charge, 125, 10, 115),
            ]
        );
        assert!(read.iter().all(|row| row.payout.as_deref() == Some("2")));
        assert_eq!(read[0].booked_at, "2016-02-19T00:10:51Z".parse::<Timestamp>().expect("a time"));
        assert_eq!(read[4].booked_at, "2016-02-20T09:00:00Z".parse::<Timestamp>().expect("a time"));
        assert_eq!(
            (read[0].gateway_reference.as_deref(), read[0].reference.as_deref()),
            (Some("5364893193133131"), Some("sale/sandbox/att_1"))
        );
        assert_eq!(
            (read[0].id.as_str(), read[3].gateway_reference.as_deref()),
            ("2/Settled/5555593193155555", None)
        );
    }

    #[test]
    fn what_is_alike_has_names_of_its_own_and_columns_may_stand_anywhere() {
        let fee = "2016-02-29 00:00:00,CET,Fee,Costs,EUR,1.80\n";
        let text = format!(
            "Creation Date,TimeZone,Type,Modification Reference,Net Currency,Net Debit (NC)\n{fee}{fee}"
        );
        let read = rows(3, text.as_bytes()).expect("rows");
        let ids: Vec<_> = read.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["3/Fee/Costs", "3/Fee/Costs/2"]);
    }

    #[test]
    fn what_is_not_understood_is_not_taken() {
        for (line, why) in [
            ("C,M,,,,2016-02-29 00:00:00,XYZ,Fee,F,EUR,,,,USD,1.80,,,,,,,,2\n", "an unknown time zone"),
            ("C,M,,,,2016-02-29 00:00:00,PST,Fee,F,EUR,,,,USD,1.805,,,,,,,,2\n", "too many places"),
            ("C,M,,,,2016-02-29 00:00:00,PST,Fee,F,EUR,,,,,1.80,,,,,,,,2\n", "no currency"),
            ("C,M,,,,yesterday,PST,Fee,F,EUR,,,,USD,1.80,,,,,,,,2\n", "no time"),
            ("C,M,,,,2016-02-29 00:00:00,PST,\"Fee,F", "cut off"),
        ] {
            assert!(matches!(read(line), Err(GatewayError::Unknown(_))), "{why}");
        }
    }
}
