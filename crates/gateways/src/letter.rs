//! Texts of evidence as a document, for gateways that take no texts, or only short ones: a PDF of plain pages, the same for
//! the same texts.
//!
//! It is set in Courier, which each reader of PDF has and whose characters are all as wide, so that nothing has to be
//! measured or embedded. So it has the characters of Western Europe alone (`WinAnsiEncoding`, ISO 32000-1 annex D); whoever
//! writes others is told before anything is sent.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};
use tender_domain::disputes::EvidenceText;

/// How many characters a line has: 10 points high, each 6 points wide, on a page of 595 points with 50 left at each side.
const COLUMNS: usize = 82;
/// How many lines a page has, 12 points each, of 842 with 50 left at both ends.
const LINES: usize = 61;
/// The most pages. Mastercard takes 19 of a defence (Adyen's guide to defence documents, as others repeat it).
const PAGES_MAX: usize = 19;

/// The characters from 0x80 to 0x9F; a space where there is none.
const SPECIAL: [char; 32] = [
    '€', ' ', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', ' ', 'Ž', ' ', ' ', '‘', '’', '“', '”',
    '•', '–', '—', '˜', '™', 'š', '›', 'œ', ' ', 'ž', 'Ÿ',
];

/// The document of these texts, each under its name.
///
/// # Errors
/// Why it cannot be made, for the person who wrote them.
pub(crate) fn pdf(texts: &[EvidenceText]) -> Result<Vec<u8>, String> {
    let mut lines = Vec::new();
    for one in texts {
        let name = one.kind.as_str();
        lines.push(name.replace('_', " ").to_uppercase().into_bytes());
        for line in one.text.trim().lines() {
            wrap(&encoded(line).map_err(|c| unwritable(name, c))?, &mut lines);
        }
        lines.push(Vec::new());
    }
    let pages: Vec<&[Vec<u8>]> = lines.chunks(LINES).collect();
    if pages.len() > PAGES_MAX {
        return Err(format!("the texts fill more than {PAGES_MAX} pages; hand in a document of your own"));
    }
    Ok(document(&pages))
}

/// Whether there can be such a document.
///
/// # Errors
/// As of [`pdf`].
pub(crate) fn admit(texts: &[EvidenceText]) -> Result<(), String> {
    pdf(texts).map(drop)
}

fn unwritable(name: &str, character: char) -> String {
    let code = u32::from(character);
    format!(
        "the text of `{name}` has the character U+{code:04X}, and only letters of Western Europe can be put on a page here; \
         write it in those, or hand in a document of your own"
    )
}

/// A line in the document's encoding.
fn encoded(line: &str) -> Result<Vec<u8>, char> {
    let mut bytes = Vec::with_capacity(line.len());
    for character in line.chars() {
        match character {
            '\t' => bytes.extend_from_slice(b"    "),
            ' '..='~' | '\u{a0}'..='\u{ff}' => bytes.push(u8::try_from(u32::from(character)).unwrap_or(b'?')),
            other => {
                let place = SPECIAL.iter().position(|known| *known == other).ok_or(other)?;
                bytes.push(0x80 + u8::try_from(place).map_err(|_| other)?);
            }
        }
    }
    Ok(bytes)
}

/// Breaks a line at spaces, and a word that is longer than a line wherever the line ends.
fn wrap(line: &[u8], lines: &mut Vec<Vec<u8>>) {
    let mut rest = line;
    while rest.len() > COLUMNS {
        let space = rest[..=COLUMNS].iter().rposition(|byte| *byte == b' ').filter(|place| *place > 0);
        let (end, next) = space.map_or((COLUMNS, COLUMNS), |place| (place, place + 1));
        lines.push(rest[..end].to_vec());
        rest = &rest[next..];
    }
    lines.push(rest.to_vec());
}

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const FONT: Ref = Ref::new(3);
/// The font's name on the pages.
const COURIER: Name<'static> = Name(b"F1");

fn document(pages: &[&[Vec<u8>]]) -> Vec<u8> {
    // Of each page: itself, and what is drawn on it.
    let places: Vec<(Ref, Ref)> =
        (4..).step_by(2).map(|n| (Ref::new(n), Ref::new(n + 1))).take(pages.len()).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(PAGES);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(PAGES).kids(places.iter().map(|(page, _)| *page)).count(count);
    pdf.type1_font(FONT).base_font(Name(b"Courier")).encoding_predefined(Name(b"WinAnsiEncoding"));
    for ((page, drawing), lines) in places.into_iter().zip(pages) {
        let mut page = pdf.page(page);
        page.parent(PAGES).media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).contents(drawing);
        page.resources().fonts().pair(COURIER, FONT);
        page.finish();
        pdf.stream(drawing, &drawn(lines));
    }
    pdf.finish()
}

/// The lines of a page, from its top down.
fn drawn(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut content = Content::new();
    content.begin_text().set_font(COURIER, 10.0).set_leading(12.0).next_line(50.0, 782.0);
    for line in lines {
        content.show(Str(line)).next_line_using_leading();
    }
    content.end_text();
    content.finish().into_vec()
}

#[cfg(test)]
mod tests {
    use tender_domain::disputes::EvidenceKind;

    use super::*;

    fn text(text: &str) -> EvidenceText {
        EvidenceText { kind: EvidenceKind::ProductDescription, text: text.to_owned() }
    }

    fn has(pdf: &[u8], what: &[u8]) -> bool {
        pdf.windows(what.len()).any(|part| part.eq_ignore_ascii_case(what))
    }

    #[test]
    fn a_text_is_on_the_page_to_the_letter_under_its_name_and_the_same_each_time() {
        let what = text("Zürich – 5 €\n\nnext (one)");
        let made = pdf(std::slice::from_ref(&what)).expect("it can be made");
        assert!(made.starts_with(b"%PDF-1.7"));
        for line in [&b"(PRODUCT DESCRIPTION) Tj"[..], b"<5afc72696368209620352080> Tj", b"(next (one)) Tj"] {
            assert!(has(&made, line), "{}", String::from_utf8_lossy(&made));
        }
        assert_eq!(pdf(&[what]), Ok(made));
    }

    #[test]
    fn a_long_text_goes_on_over_pages() {
        let made = pdf(&[text(&"A night in a room with a view. ".repeat(400))]).expect("it can be made");
        assert!(
            has(&made, b"/Count 3") && has(&made, b"/Kids [4 0 R 6 0 R 8 0 R]"),
            "{}",
            String::from_utf8_lossy(&made)
        );
    }

    #[test]
    fn no_line_is_wider_than_the_page_and_nothing_is_lost() {
        let words = "word ".repeat(40);
        let long = "x".repeat(200);
        for whole in [words.trim(), long.as_str()] {
            let mut lines = Vec::new();
            wrap(whole.as_bytes(), &mut lines);
            assert!(lines.iter().all(|line| line.len() <= COLUMNS), "{whole}");
            let joined = if whole.contains(' ') { lines.join(&b' ') } else { lines.concat() };
            assert_eq!(joined, whole.as_bytes());
        }
    }

    #[test]
    fn what_no_page_can_show_is_told_to_who_wrote_it() {
        for (unfit, says) in [("Łódź", "U+0141"), ("日本", "U+65E5"), ("a\u{7}", "U+0007")] {
            let told = admit(&[text(unfit)]).expect_err("it has no such letter");
            assert!(told.contains(says) && told.contains("product_description"), "{told}");
        }
        assert!(admit(&[text(&"\n".repeat(40))]).is_ok(), "what is empty is left out");
        assert!(admit(&[text(&"a\n".repeat(1_200))]).expect_err("too long").contains("19 pages"));
    }
}
