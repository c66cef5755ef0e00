//! Comma-separated values (RFC 4180), as gateways' reports have them; what separates them need not be a comma.

/// The most fields that are read of a text: each takes more room than it does there.
const FIELDS_MAX: usize = 1_000_000;

/// Where in a field one reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Bare,
    Quoted,
    /// Behind the quote that ends it.
    End,
}

/// The rows of a text, each with its fields.
///
/// # Errors
/// Why it is not read, for people: a quote has no end, or stands where it would swallow what is another field's or row's; or it
/// has more fields than are read.
pub(crate) fn rows(text: &str, separator: char) -> Result<Vec<Vec<String>>, &'static str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut at, mut chars, mut fields) = (At::Bare, text.chars().peekable(), 0_usize);
    while let Some(c) = chars.next() {
        match (at, c) {
            (At::Quoted, '"') if chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            (At::Quoted, '"') => at = At::End,
            (At::Quoted, other) => field.push(other),
            (At::Bare, '"') if field.is_empty() => at = At::Quoted,
            (_, '"') => return Err("a quote stands within a field"),
            (_, '\r') if chars.peek() == Some(&'\n') => {}
            (_, c) if c == separator || c == '\n' => {
                fields += 1;
                if fields > FIELDS_MAX {
                    return Err("it has more fields than are read");
                }
                at = At::Bare;
                row.push(std::mem::take(&mut field));
                if c == '\n' {
                    rows.push(std::mem::take(&mut row));
                }
            }
            (At::Bare, other) => field.push(other),
            (At::End, _) => return Err("something stands behind a field's last quote"),
        }
    }
    if at == At::Quoted {
        return Err("it is cut off");
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_quotes_and_lines() {
        let read = rows("\u{feff}a,\"b, c\",\"d \"\"e\"\"\"\r\n\"f\ng\",,h", ',').expect("rows");
        assert_eq!(read, [vec!["a", "b, c", "d \"e\""], vec!["f\ng", "", "h"]]);
        assert_eq!(rows("a;\"b;c\"\n1,00;d\n", ';').expect("rows"), [["a", "b;c"], ["1,00", "d"]]);
        assert!(rows("a,\"b\n", ',').is_err(), "a quote without an end is cut off");
        assert_eq!(rows("", ','), Ok(Vec::new()));
    }

    #[test]
    fn no_quote_makes_one_row_of_two() {
        for lost in ["a;5\" x;1\nb;7\" y;2\n", "a;\"5 x;1\nb;\"7 y;2\n", "a;\"5\" x;1\n", "a;\"5\"\"\n"] {
            assert!(rows(lost, ';').is_err(), "{lost}");
        }
    }

    #[test]
    fn a_text_of_nothing_but_fields_is_not_read() {
        for c in [",", "\n"] {
            assert!(rows(&c.repeat(FIELDS_MAX), ',').is_ok());
            assert!(rows(&c.repeat(FIELDS_MAX + 1), ',').is_err());
        }
    }
}
