//! Comma-separated values (RFC 4180), as gateways' reports have them; what separates them need not be a comma.

/// The most fields that are read of a text: each takes more room than it does there.
const FIELDS_MAX: usize = 1_000_000;

/// The rows of a text, each with its fields.
///
/// # Errors
/// Why it is not read, for people: a quote has no end, or it has more fields than are read.
pub(crate) fn rows(text: &str, separator: char) -> Result<Vec<Vec<String>>, &'static str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut is_quoted, mut chars, mut fields) = (false, text.chars().peekable(), 0_usize);
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            '\r' if !is_quoted && chars.peek() == Some(&'\n') => {}
            c if !is_quoted && (c == separator || c == '\n') => {
                fields += 1;
                if fields > FIELDS_MAX {
                    return Err("it has more fields than are read");
                }
                row.push(std::mem::take(&mut field));
                if c == '\n' {
                    rows.push(std::mem::take(&mut row));
                }
            }
            other => field.push(other),
        }
    }
    if is_quoted {
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
    fn a_text_of_nothing_but_fields_is_not_read() {
        for c in [",", "\n"] {
            assert!(rows(&c.repeat(FIELDS_MAX), ',').is_ok());
            assert!(rows(&c.repeat(FIELDS_MAX + 1), ',').is_err());
        }
    }
}
