//! Comma-separated values (RFC 4180), as Adyen's reports have them.

/// The rows of a text, each with its fields; none when a quote has no end.
pub(super) fn rows(text: &str) -> Option<Vec<Vec<String>>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut is_quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut field)),
            '\r' if !is_quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    if is_quoted {
        return None;
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_quotes_and_lines() {
        let read = rows("\u{feff}a,\"b, c\",\"d \"\"e\"\"\"\r\n\"f\ng\",,h").expect("rows");
        assert_eq!(read, [vec!["a", "b, c", "d \"e\""], vec!["f\ng", "", "h"]]);
        assert_eq!(rows("a,\"b\n"), None, "a quote without an end is cut off");
        assert_eq!(rows(""), Some(Vec::new()));
    }
}
