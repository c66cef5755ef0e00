//! Codes that a telephone scans, drawn as one path: an image in the page itself, since the page fetches none.

use qrcodegen::{QrCode, QrCodeEcc};

use super::views::Code;

/// The empty border that scanners ask for.
const QUIET: i32 = 4;

/// The code that holds this text; none of none, and of more than a code can hold.
pub(super) fn drawn(text: &str, label: String) -> Option<Code> {
    use std::fmt::Write as _;
    if text.is_empty() {
        return None;
    }
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let squares = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let path = squares.filter(|(x, y)| code.get_module(*x, *y)).fold(String::new(), |mut path, (x, y)| {
        let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        path
    });
    Some(Code { size: code.size() + 2 * QUIET, path, label })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_drawn_and_what_no_code_can_hold_is_not() {
        let code = drawn("https://bank.example/pay/1", "QR".to_owned()).expect("it fits");
        assert!(code.size >= 29 && code.path.starts_with("M4,4h1v1h-1z"), "{} {}", code.size, code.path);
        assert!(drawn("", String::new()).is_none() && drawn(&"x".repeat(4_000), String::new()).is_none());
    }
}
