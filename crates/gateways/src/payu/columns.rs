//! Which columns of a statement hold what. They are chosen and ordered in PayU's panel, and called in its language there.

use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// The day that it was done.
    Date,
    /// PayU's number of the transaction.
    Transaction,
    /// What it is of, in major units.
    Amount,
    Currency,
    /// What was done, in PayU's code.
    Operation,
    /// The shop's name of the order: ours.
    Order,
    /// What PayU keeps of it, in major units.
    Commission,
    /// Whether it moved the balance at all.
    MovesBalance,
}

impl Column {
    /// Each with its name in `statement_columns`, and what PayU's page of statements calls the column
    /// (<https://developers.payu.com/europe/docs/reporting/statements/>).
    const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Date, "date", "Date"),
        (Self::Transaction, "transaction", "Trans ID"),
        (Self::Amount, "amount", "Amount"),
        (Self::Currency, "currency", "Currency"),
        (Self::Operation, "operation", "Type of operation"),
        (Self::Order, "order", "Order ID"),
        (Self::Commission, "commission", "Commission"),
        (Self::MovesBalance, "moves_balance", "Change account balance"),
    ];
    /// Those without which a row says too little.
    const NEEDED: [Self; 5] = [Self::Date, Self::Transaction, Self::Amount, Self::Currency, Self::Operation];
}

/// What each column is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns(BTreeMap<Column, String>);

/// Where the columns of one table stand.
pub(super) struct Places {
    of: BTreeMap<Column, usize>,
    /// How many columns there are, those among them that nobody reads.
    width: usize,
}

impl Columns {
    /// The usual names, and in their places those of the text: `amount=Kwota; date=Data`.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut names = BTreeMap::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (what, name) = part.split_once('=').unwrap_or((part, ""));
            let (what, name) = (what.trim(), name.trim());
            let Some((column, ..)) = Column::ALL.iter().find(|(_, known, _)| *known == what) else {
                let known: Vec<_> = Column::ALL.iter().map(|(_, known, _)| *known).collect();
                return Err(format!("`{what}` is none of {}", known.join(", ")));
            };
            if name.is_empty() {
                return Err(format!("write what the column is called: {what}=…"));
            }
            if names.insert(*column, name.to_owned()).is_some() {
                return Err(format!("`{what}` is there twice"));
            }
        }
        for (column, _, usual) in Column::ALL {
            names.entry(column).or_insert_with(|| usual.to_owned());
        }
        let mut seen: Vec<_> = names.values().map(|name| name.to_lowercase()).collect();
        seen.sort_unstable();
        match seen.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("two columns are called `{}`", pair[0])),
            None => Ok(Self(names)),
        }
    }

    /// Where they stand in a table with this first line.
    ///
    /// # Errors
    /// The name of a column that is needed and not there.
    pub(super) fn places(&self, head: &[String]) -> Result<Places, &str> {
        let place =
            |name: &str| head.iter().position(|told| told.trim().to_lowercase() == name.to_lowercase());
        let places: BTreeMap<_, _> =
            self.0.iter().filter_map(|(column, name)| Some((*column, place(name)?))).collect();
        match Column::NEEDED.iter().find(|column| !places.contains_key(column)) {
            Some(missing) => Err(&self.0[missing]),
            None => Ok(Places { of: places, width: head.len() }),
        }
    }
}

impl Places {
    /// Whether a line has as many fields as there are columns. One with more may have an amount of which the separator took
    /// the places: what stands behind it stands elsewhere then.
    pub(super) fn fit(&self, line: &[String]) -> bool {
        line.len() == self.width
    }

    /// What stands in a column of a line; none where there is no such column, or nothing stands there.
    pub(super) fn at<'a>(&self, line: &'a [String], column: Column) -> Option<&'a str> {
        let field = line.get(*self.of.get(&column)?)?.trim();
        (!field.is_empty()).then_some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_usual_ones_but_for_those_that_are_given() {
        let usual = Columns::read("").expect("good");
        assert_eq!(usual.0[&Column::Operation], "Type of operation");
        let polish = Columns::read(" amount = Kwota;date=Data ; transaction=ID transakcji;").expect("good");
        assert_eq!(polish.0[&Column::Transaction], "ID transakcji");
        assert_eq!(polish.0[&Column::Currency], "Currency");
        for (wrong, why) in [
            ("sum=Kwota", "`sum` is none of date, transaction"),
            ("amount=", "amount=…"),
            ("amount", "amount=…"),
            ("amount=A; amount=B", "twice"),
            ("amount=date", "`date`"),
        ] {
            let refused = Columns::read(wrong).expect_err("it is wrong");
            assert!(refused.contains(why), "{wrong}: {refused}");
        }
    }

    #[test]
    fn columns_may_stand_anywhere_and_some_may_be_missing() {
        let head =
            ["Commission", " currency", "AMOUNT", "Type of operation", "Trans ID", "Date"].map(String::from);
        let columns = Columns::read("").expect("good");
        let places = columns.places(&head).expect("all that is needed is there");
        let line = ["", "PLN", "1,00"].map(String::from);
        assert_eq!(places.at(&line, Column::Amount), Some("1,00"));
        assert_eq!((places.at(&line, Column::Commission), places.at(&line, Column::Order)), (None, None));
        assert_eq!(places.at(&line, Column::Date), None, "the line ends before it");
        assert!(!places.fit(&line) && places.fit(&head));
        assert_eq!(columns.places(&head[..5]).err(), Some("Date"));
    }
}
