//! Searching whatever a system has left behind.

use std::path::Path;
use std::process::Command;

/// What matches an extended regular expression in the files below these folders, whatever their form: each with its file
/// and a little of what stands around it, a few of each file.
///
/// # Panics
/// When a file cannot be read; one that is gone meanwhile is fine.
#[must_use]
pub fn found_below(folders: &[&Path], pattern: &str) -> Vec<String> {
    // What stands around it is slow to look for: only where it is.
    let files = grep(&["-r", "-l"], pattern, folders);
    let around = format!(".{{0,60}}({pattern}).{{0,60}}");
    let shown = |file: &String| grep(&["-o", "-H", "-m", "3"], &around, &[Path::new(file)]);
    files.iter().flat_map(shown).collect()
}

fn grep(how: &[&str], pattern: &str, places: &[&Path]) -> Vec<String> {
    let mut grep = Command::new("grep");
    // Bytes, not letters: most files are no text.
    grep.args(how).args(["-a", "-E", "-e", pattern, "--"]).args(places).env("LC_ALL", "C");
    let output = grep.output().unwrap_or_else(|error| panic!("grep cannot be run: {error}"));
    let problems = String::from_utf8_lossy(&output.stderr);
    let unread: Vec<&str> = problems.lines().filter(|line| !line.contains("No such file")).collect();
    assert!(unread.is_empty(), "not all was searched: {unread:#?}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
