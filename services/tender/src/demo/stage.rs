//! What the terminal shows: at most 80 columns, colours only where a person looks.

use std::io::{IsTerminal, Write};

use tender_domain::kernel::Money;

/// The widest line.
pub(super) const COLUMNS: usize = 78;

/// The terminal.
pub(super) struct Stage {
    out: Box<dyn Write>,
    colours: bool,
    scenes: usize,
    scene: usize,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";

impl Stage {
    /// Standard output, for a story of so many scenes.
    pub(super) fn new(scenes: usize) -> Self {
        let out = std::io::stdout();
        let colours = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { out: Box::new(out), colours, scenes, scene: 0 }
    }

    /// Opens the day.
    pub(super) fn title(&mut self, text: &str, below: &str) -> std::io::Result<()> {
        writeln!(self.out)?;
        self.line(BOLD, text)?;
        self.line(DIM, below)
    }

    /// Opens the next scene.
    pub(super) fn scene(&mut self, text: &str) -> std::io::Result<()> {
        self.scene += 1;
        writeln!(self.out)?;
        let text = format!("{}/{}  {text}", self.scene, self.scenes);
        self.line(BOLD, &text)
    }

    /// Something that came out as it should.
    pub(super) fn done(&mut self, text: &str) -> std::io::Result<()> {
        let mark = self.painted(GREEN, "✓");
        for (number, line) in wrapped(text, COLUMNS - 7).iter().enumerate() {
            let lead = if number == 0 { mark.as_str() } else { " " };
            writeln!(self.out, "     {lead} {line}")?;
        }
        self.out.flush()
    }

    /// Something to know beside it.
    pub(super) fn aside(&mut self, text: &str) -> std::io::Result<()> {
        for line in wrapped(text, COLUMNS - 7) {
            let line = self.painted(DIM, &line);
            writeln!(self.out, "       {line}")?;
        }
        self.out.flush()
    }

    /// A row of the ledger's table; without amounts in a column it stays empty.
    pub(super) fn row(
        &mut self,
        name: &str,
        debit: Option<Money>,
        credit: Option<Money>,
    ) -> std::io::Result<()> {
        let shown = |money: Option<Money>| money.map(|m| m.to_decimal().to_string()).unwrap_or_default();
        writeln!(self.out, "       {name:<42}{:>13}{:>13}", shown(debit), shown(credit))?;
        self.out.flush()
    }

    /// The head of a table in a currency.
    pub(super) fn head(&mut self, currency: &str) -> std::io::Result<()> {
        let text = format!("       {currency:<42}{:>13}{:>13}", "debit", "credit");
        self.line(DIM, &text)
    }

    /// A line under a table's rows.
    pub(super) fn rule(&mut self) -> std::io::Result<()> {
        let text = format!("       {}", "─".repeat(68));
        self.line(DIM, &text)
    }

    /// Closes the day.
    pub(super) fn end(&mut self, text: &str) -> std::io::Result<()> {
        writeln!(self.out)?;
        for line in wrapped(text, COLUMNS) {
            self.line(BOLD, &line)?;
        }
        writeln!(self.out)
    }

    fn line(&mut self, style: &str, text: &str) -> std::io::Result<()> {
        let text = self.painted(style, text);
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    fn painted(&self, style: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The text in lines of at most so many characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_between_words_and_a_long_word_stays_whole() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("one extraordinarily two", 7), ["one", "extraordinarily", "two"]);
        assert_eq!(wrapped("", 7), [""]);
    }
}
