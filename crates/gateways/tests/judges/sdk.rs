//! The libraries, asked through their own language.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The interpreter that has the judges.
pub(crate) fn python() -> PathBuf {
    let named = std::env::var_os("TENDER_JUDGES").map(PathBuf::from);
    named.expect("run `make judges`: it names the judges' Python in TENDER_JUDGES")
}

/// A script beside this file.
pub(crate) fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(name)
}

/// What the libraries answer to these, each by itself.
pub(crate) fn asked<const N: usize>(requests: [Value; N]) -> [Value; N] {
    let command =
        Command::new(python()).arg(script("sdk.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = command.expect("the judges' Python runs");
    let mut input = child.stdin.take().expect("it is piped");
    for request in &requests {
        writeln!(input, "{request}").expect("it reads");
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the judges failed: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an answer a line")).collect();
    answers.try_into().expect("an answer for each")
}
