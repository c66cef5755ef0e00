//! The repository's files, and how a document is held to what was generated.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Several tests write sections of the same file.
static WRITING: Mutex<()> = Mutex::new(());

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
}

/// Holds one section of a document, between its two marks, to what was generated.
#[track_caller]
pub(crate) fn hold_section(path: &str, name: &str, generated: &str) {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let (begin, end) =
        (format!("<!-- generated: {name} -->\n"), format!("<!-- end of generated: {name} -->"));
    let text = read(path);
    let marked = text.split_once(&begin).and_then(|(before, rest)| {
        let (section, after) = rest.split_once(&end)?;
        Some((before, section, after))
    });
    let (before, section, after) =
        marked.unwrap_or_else(|| panic!("{path} has no section between {begin:?} and {end:?}"));
    let generated = format!("\n{}\n\n", generated.trim());
    hold(path, section, &generated, || format!("{before}{begin}{generated}{end}{after}"));
}

/// Holds a whole file to what was generated.
#[track_caller]
pub(crate) fn hold_file(path: &str, generated: &str) {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = fs::read_to_string(root().join(path)).unwrap_or_default();
    hold(path, &text, generated, || generated.to_owned());
}

#[track_caller]
fn hold(path: &str, found: &str, generated: &str, whole: impl FnOnce() -> String) {
    if found == generated {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(path), whole()).unwrap_or_else(|error| panic!("{path}: {error}"));
        return;
    }
    let differs = found.lines().zip(generated.lines()).find(|(found, generated)| found != generated);
    let (old, new) = differs.unwrap_or(("(one of the two is longer)", "(one of the two is longer)"));
    panic!(
        "{path} is not what the code says.\n  it has  {old}\n  should  {new}\nWrite it anew, and look at the \
         difference: UPDATE_DOCS=1 cargo test -p tender --test documents"
    );
}
