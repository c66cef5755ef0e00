//! Texts of evidence as a document, for gateways that take no texts, or only short ones: a PDF of plain pages, the same for
//! the same texts.
//!
//! It is set in Courier, which each reader of PDF has and whose characters are all as wide, so that nothing has to be
//! measured or embedded. So it has the characters of Western Europe alone (`WinAnsiEncoding`, ISO 32000-1 annex D); whoever
//! writes others is told before anything is sent.

use std::fmt::Write;

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

/// The objects of a PDF and where each begins (ISO 32000-1, 7.5): catalog, pages, font, then two of each page.
fn document(pages: &[&[Vec<u8>]]) -> Vec<u8> {
    let mut kids = String::new();
    for page in 0..pages.len() {
        let _ = write!(kids, "{} 0 R ", 4 + 2 * page);
    }
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [ {kids}] /Count {} >>", pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (place, page) in pages.iter().enumerate() {
        let content = 5 + 2 * place;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>"
        ));
        let drawn = drawn(page);
        objects.push(format!("<< /Length {} >>\nstream\n{drawn}endstream", drawn.len()));
    }
    let mut text = String::from("%PDF-1.4\n");
    let mut places = Vec::with_capacity(objects.len());
    for (place, object) in objects.iter().enumerate() {
        places.push(text.len());
        let _ = write!(text, "{} 0 obj\n{object}\nendobj\n", place + 1);
    }
    let (table, count) = (text.len(), objects.len() + 1);
    let _ = write!(text, "xref\n0 {count}\n0000000000 65535 f \n");
    for place in places {
        let _ = writeln!(text, "{place:010} 00000 n ");
    }
    let _ = write!(text, "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    text.into_bytes()
}

/// The lines of a page, from its top down; in hexadecimal, which needs no escapes.
fn drawn(lines: &[Vec<u8>]) -> String {
    let mut text = String::from("BT\n/F1 10 Tf\n12 TL\n50 782 Td\n");
    for line in lines {
        text.push('<');
        for byte in line {
            let _ = write!(text, "{byte:02x}");
        }
        text.push_str("> Tj T*\n");
    }
    text.push_str("ET\n");
    text
}

#[cfg(test)]
mod tests {
    use tender_domain::disputes::EvidenceKind;

    use super::*;

    fn text(text: &str) -> EvidenceText {
        EvidenceText { kind: EvidenceKind::ProductDescription, text: text.to_owned() }
    }

    fn made(what: &str) -> String {
        String::from_utf8(pdf(&[text(what)]).expect("it can be made")).expect("ASCII alone")
    }

    #[test]
    fn a_documents_table_says_where_each_of_its_objects_begins() {
        let made = made(&"A night in a room with a view. ".repeat(400));
        let table = made.rfind("xref\n0").expect("a table");
        let listed = made[..].split("startxref\n").nth(1).expect("its place").lines().next().expect("a line");
        assert_eq!(listed.parse(), Ok(table));
        let places: Vec<usize> = made[table..]
            .lines()
            .filter(|line| line.ends_with(" n "))
            .map(|line| line[..10].parse().expect("a place"))
            .collect();
        assert!(places.len() > 5, "more than one page");
        for (place, at) in places.iter().enumerate() {
            assert!(made[*at..].starts_with(&format!("{} 0 obj\n", place + 1)), "{place}");
        }
        for stream in made.split("/Length ").skip(1) {
            let (length, rest) = stream.split_once(" >>\nstream\n").expect("a stream");
            let length: usize = length.parse().expect("a number");
            assert_eq!(&rest[length..length + 9], "endstream");
        }
    }

    #[test]
    fn a_text_is_on_the_page_to_the_letter_under_its_name() {
        let made = made("Zürich – 5 €\n\nnext");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        for line in [&b"PRODUCT DESCRIPTION"[..], b"Z\xfcrich \x96 5 \x80", b"", b"next"] {
            assert!(made.contains(&format!("<{}> Tj T*\n", hex(line))), "{made}");
        }
        assert!(made.is_ascii());
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
