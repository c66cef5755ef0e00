//! PayU's statements, as rows for settlement (<https://developers.payu.com/europe/docs/reporting/statements/>): an archive
//! with tables, whose columns are found by their names.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::{GatewayError, SettlementKind, SettlementPage, SettlementRow};

use super::answer::refusal;
use super::archive;
use super::columns::{Column, Columns, Places};
use crate::csv;
use crate::rest::Response;
use crate::said::unknown;

/// What may separate columns: PayU's page of statements does not say what does.
const SEPARATORS: [char; 3] = [';', ',', '\t'];

/// Where a statement is.
///
/// # Errors
/// `NotDone` for what is no id of a statement: nothing is sent.
pub(super) fn path(report: &str) -> Result<String, GatewayError> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if (1..=64).contains(&report.len()) && report.bytes().all(is_word) {
        return Ok(format!("api/v2_1/reports/{report}"));
    }
    Err(GatewayError::NotDone("PayU has no such statement".to_owned()))
}

/// The rows of a statement.
///
/// # Errors
/// `NotDone` when PayU has none, or refuses; `Unknown` for a row that cannot be read: a statement is taken whole or not at
/// all.
pub(super) fn rows(columns: &Columns, response: &Response) -> Result<SettlementPage, GatewayError> {
    if !response.is_success() {
        return Err(refusal(response));
    }
    let not_taken = |why: String| unknown(&format!("PayU's statement is not taken: {why}"));
    let mut rows = Vec::new();
    for text in archive::tables(&response.body).map_err(not_taken)? {
        rows.extend(table(&text, columns).map_err(not_taken)?);
    }
    tell_apart(&mut rows);
    Ok(SettlementPage { rows, next: None })
}

/// Rows that are alike in all that names them are told apart by their order.
fn tell_apart(rows: &mut [SettlementRow]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        let again = seen.entry(row.id.clone()).or_insert(0);
        *again = again.saturating_add(1);
        if *again > 1 {
            row.id = format!("{}/{again}", row.id);
        }
    }
}

fn table(text: &str, columns: &Columns) -> Result<Vec<SettlementRow>, String> {
    let (separator, places) = head(text, columns)?;
    let lines = csv::rows(text, separator)?;
    let mut rows = Vec::new();
    for (number, fields) in lines.iter().enumerate().skip(1) {
        if fields.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let not_understood = || format!("line {} is not understood", number.saturating_add(1));
        if !places.fit(fields) {
            return Err(not_understood());
        }
        let line = Line { places: &places, fields };
        if line.moves_balance().ok_or_else(not_understood)? {
            rows.push(line.row().ok_or_else(not_understood)?);
        }
    }
    Ok(rows)
}

/// What separates the columns, and where each stands: that under which all that are needed are there.
fn head(text: &str, columns: &Columns) -> Result<(char, Places), String> {
    let first = text.lines().next().unwrap_or_default();
    // Of the separator under which there are the most columns.
    let (mut most, mut missing) = (0, "");
    for separator in SEPARATORS {
        // Under a wrong one quotes may stand where none may.
        let names = csv::rows(first, separator).unwrap_or_default().into_iter().next().unwrap_or_default();
        match columns.places(&names) {
            Ok(places) => return Ok((separator, places)),
            Err(name) if names.len() >= most => (most, missing) = (names.len(), name),
            Err(_) => {}
        }
    }
    Err(format!("it has no column `{missing}` (see the setting `statement_columns`)"))
}

/// Which way an operation moves the balance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    /// As its sign says.
    Told,
}

/// PayU's codes of operations, the most common ones as it says; others are kept as what else moved the balance.
fn operation(code: &str) -> (SettlementKind, Way) {
    match code {
        "t" => (SettlementKind::Charge, Way::Up),
        "c" => (SettlementKind::Refund, Way::Down),
        "w" => (SettlementKind::Payout, Way::Down),
        "wc" => (SettlementKind::Payout, Way::Up),
        // Commission, of installments too.
        "r" | "cr" => (SettlementKind::Fee, Way::Down),
        // Commission given back.
        "rc" => (SettlementKind::Fee, Way::Up),
        // Commission corrected.
        "bc" => (SettlementKind::Fee, Way::Told),
        // What was paid too much, returned; and that canceled.
        "or" => (SettlementKind::Adjustment, Way::Down),
        "orc" => (SettlementKind::Adjustment, Way::Up),
        _ => (SettlementKind::Adjustment, Way::Told),
    }
}

struct Line<'a> {
    places: &'a Places,
    fields: &'a [String],
}

impl<'a> Line<'a> {
    fn at(&self, column: Column) -> Option<&'a str> {
        self.places.at(self.fields, column)
    }

    /// Whether it moved the balance; none where it says neither.
    fn moves_balance(&self) -> Option<bool> {
        match self.at(Column::MovesBalance).map(str::to_ascii_uppercase).as_deref() {
            Some("FALSE") => Some(false),
            None | Some("TRUE") => Some(self.at(Column::Operation)? != "nt"),
            Some(_) => None,
        }
    }

    fn row(&self) -> Option<SettlementRow> {
        let (code, date) = (self.at(Column::Operation)?, self.at(Column::Date)?);
        let currency: Currency = self.at(Column::Currency)?.parse().ok()?;
        let (kind, way) = operation(code);
        let told = amount(self.at(Column::Amount)?, currency)?;
        let minor = match way {
            Way::Told => told.minor(),
            // Whether what goes out is written with a sign is not said.
            Way::Down => told.minor().checked_abs()?.checked_neg()?,
            Way::Up if told.minor() >= 0 => told.minor(),
            Way::Up => return None,
        };
        let gross = Money::new(minor, currency);
        let fee = match self.at(Column::Commission) {
            // What is a fee itself has none.
            Some(text) if kind != SettlementKind::Fee => amount(text, currency)?,
            _ => Money::zero(currency),
        };
        // A purchase that PayU gives something for: it would be the other way round than is read here.
        if kind == SettlementKind::Charge && fee.minor() < 0 {
            return None;
        }
        let transaction = self.at(Column::Transaction);
        let payout = transaction.filter(|_| kind == SettlementKind::Payout);
        Some(SettlementRow {
            // Several operations are of one transaction, and the same day may be in two statements.
            id: format!("{date}/{code}/{}/{minor}", transaction.unwrap_or_default()),
            kind,
            gateway_reference: None,
            reference: self.at(Column::Order).map(str::to_owned),
            gross,
            fee,
            net: gross.checked_sub(fee).ok()?,
            payout: payout.map(str::to_owned),
            booked_at: NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc(),
        })
    }
}

/// `1,00`, or with a point.
fn amount(text: &str, currency: Currency) -> Option<Money> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b',' | b'.'));
    let points = text.bytes().filter(|b| matches!(b, b',' | b'.')).count();
    if !is_plain || points > 1 {
        return None;
    }
    Money::from_decimal_text(&text.replace(',', "."), currency).ok()
}

#[cfg(test)]
mod tests {
    use super::super::archive::tests::archive;
    use super::*;

    const HEAD: &str =
        "Date;Trans ID;Amount;Currency;Type of operation;Change account balance;Order ID;Commission\n";

    fn read_with(columns: &str, files: &[(&str, &[u8])]) -> Result<Vec<SettlementRow>, GatewayError> {
        let columns = Columns::read(columns).expect("good columns");
        rows(&columns, &Response { status: 200, body: archive(files) }).map(|page| page.rows)
    }

    fn read(lines: &str) -> Result<Vec<SettlementRow>, GatewayError> {
        read_with("", &[("s.csv", format!("{HEAD}{lines}").as_bytes())])
    }

    fn moved(row: &SettlementRow) -> (SettlementKind, i64, i64, i64) {
        (row.kind, row.gross.minor(), row.fee.minor(), row.net.minor())
    }

    #[test]
    fn each_line_is_a_row_with_its_sign_and_adds_up() {
        let read = read(
            "2026-03-01;4500000001;10,00;PLN;t;TRUE;sale/sandbox/att_1;0,20\r\n\
             2026-03-01;4500000001;3,00;PLN;c;TRUE;sale/sandbox/att_1;\r\n\
             2026-03-01;4500000001;-3,00;PLN;c;TRUE;sale/sandbox/att_1;0\r\n\
             2026-03-01;;0,50;PLN;r;TRUE;;\r\n\
             2026-03-01;;0.25;PLN;rc;TRUE;;\r\n\
             2026-03-01;;-0,05;PLN;bc;TRUE;;\r\n\
             2026-03-02;77;3,20;PLN;w;;;\r\n\
             2026-03-02;77;3,20;PLN;wc;;;\r\n\
             2026-03-02;78;-1,00;PLN;zz;TRUE;;\r\n\
             2026-03-02;79;1,00;PLN;nt;TRUE;;\r\n\
             2026-03-02;80;1,00;PLN;t;FALSE;;\r\n\
             ;;;;;;;\r\n",
        )
        .expect("rows");
        let told: Vec<_> = read.iter().map(moved).collect();
        let wanted = [
            (SettlementKind::Charge, 1_000, 20, 980),
            (SettlementKind::Refund, -300, 0, -300),
            (SettlementKind::Refund, -300, 0, -300),
            (SettlementKind::Fee, -50, 0, -50),
            (SettlementKind::Fee, 25, 0, 25),
            (SettlementKind::Fee, -5, 0, -5),
            (SettlementKind::Payout, -320, 0, -320),
            (SettlementKind::Payout, 320, 0, 320),
            (SettlementKind::Adjustment, -100, 0, -100),
        ];
        assert_eq!(told, wanted, "what moved no balance is none, and what is not known is kept");
        let first = &read[0];
        assert_eq!((first.reference.as_deref(), first.payout.as_deref()), (Some("sale/sandbox/att_1"), None));
        assert_eq!(first.booked_at.to_rfc3339(), "2026-03-01T00:00:00+00:00");
        assert_eq!(read[6].payout.as_deref(), Some("77"));
        let ids: Vec<_> = read.iter().map(|row| row.id.as_str()).take(3).collect();
        let wanted = [
            "2026-03-01/t/4500000001/1000",
            "2026-03-01/c/4500000001/-300",
            "2026-03-01/c/4500000001/-300/2",
        ];
        assert_eq!(ids, wanted, "two refunds that are alike are two");
    }

    #[test]
    fn columns_are_called_as_the_panel_has_them_and_stand_and_are_separated_anyhow() {
        let polish =
            "date=Data; transaction=ID transakcji; amount=Kwota; currency=Waluta; operation=Typ operacji";
        for separator in [";", ",", "\t"] {
            let table = ["Waluta|Typ operacji|Data|Kwota|ID transakcji", "HUF|t|2026-03-01|\"10,00\"|7"]
                .map(|line| line.replace('|', separator))
                .join("\n");
            let read = read_with(polish, &[("s.csv", table.as_bytes())]).expect("rows");
            assert_eq!(moved(&read[0]), (SettlementKind::Charge, 1_000, 0, 1_000), "{separator:?}");
            let usual = read_with("", &[("s.csv", table.as_bytes())]).expect_err("they are called otherwise");
            assert!(matches!(&usual, GatewayError::Unknown(why) if why.contains("`Date`")), "{usual:?}");
        }
        let quoted = r#""Date","Trans ID","Amount","Currency","Type of operation""#;
        let quoted = format!("{quoted}\n2026-03-01,7,\"10,00\",PLN,t\n");
        let read = read_with("", &[("s.csv", quoted.as_bytes())]).expect("rows");
        assert_eq!(moved(&read[0]), (SettlementKind::Charge, 1_000, 0, 1_000));
        let two = format!("{HEAD}2026-03-01;1;1,00;PLN;t;;;\n");
        let read = read_with("", &[("a.csv", two.as_bytes()), ("b.csv", two.as_bytes())]).expect("rows");
        assert_eq!(read.len(), 2, "an archive may hold several tables");
    }

    #[test]
    fn what_is_not_understood_is_not_taken() {
        for (line, why) in [
            ("2026-03-01;1;1,005;PLN;t;;;", "too many places"),
            ("2026-03-01;1;1.000,00;PLN;t;;;", "two points"),
            ("2026-03-01;1;1 000,00;PLN;t;;;", "a space"),
            ("2026-03-01;1;1,00;XYZ;t;;;", "no currency"),
            ("2026-03-01;1;1,00;PLN;;;;", "no operation"),
            ("2026-03-01;1;-1,00;PLN;t;;;", "a purchase that costs"),
            ("2026-03-01;1;1,00;PLN;t;;;-0,02", "a commission that is given"),
            ("2026-03-01;1;1,00;PLN;t;PERHAPS;;", "it moves the balance, or does not"),
            ("01.03.2026;1;1,00;PLN;t;;;", "no day"),
            ("2026-03-01;1;1,00;PLN;t;;\"", "cut off"),
            ("2026-03-01;1;1,00;PLN;t;;", "a column is missing"),
        ] {
            assert!(matches!(read(line), Err(GatewayError::Unknown(_))), "{why}");
        }
        let head = "Date,Trans ID,Currency,Type of operation,Amount,Commission\n";
        for amounts in ["10,50,0,20", "10,50,"] {
            let table = format!("{head}2026-03-01,1,PLN,t,{amounts}\n");
            let read = read_with("", &[("s.csv", table.as_bytes())]);
            assert!(
                matches!(read, Err(GatewayError::Unknown(_))),
                "what separates columns is in the amount: {read:?}"
            );
        }
        let no_archive = Response { status: 200, body: HEAD.as_bytes().to_vec() };
        let columns = Columns::read("").expect("good columns");
        assert!(matches!(rows(&columns, &no_archive), Err(GatewayError::Unknown(_))));
    }

    #[test]
    fn a_statement_is_named_by_what_an_address_can_hold() {
        assert!(path("4a3534fb-85b5-4f29-9da8-a6d73b34d528").is_ok());
        for wrong in ["", "../orders", "a/b", "a?b", &"a".repeat(65)] {
            assert!(matches!(path(wrong), Err(GatewayError::NotDone(_))), "{wrong}");
        }
    }
}
