//! What commands say.

use std::io::{self, Write};

use anyhow::Context;

/// Writes a line to standard output, at once.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("standard output cannot be written")
}
