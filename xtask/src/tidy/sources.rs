//! The Rust files of the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The folders that hold code of ours.
const FOLDERS: [&str; 6] = ["crates", "services", "bench", "tests", "fuzz", "xtask"];

/// One Rust file.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Its path from the repository's folder, with forward slashes.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
}

impl Source {
    /// The file's own name.
    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is code of tests alone: an integration test, or a crate that exists for tests.
    pub(super) fn is_test_code(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.starts_with("bench/")
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || self.file_name() == "tests.rs"
    }
}

/// Reads all of them, in the order of their paths.
pub(super) fn read_all(root: &Path) -> anyhow::Result<Vec<Source>> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        let folder = root.join(folder);
        if folder.is_dir() {
            collect(&folder, &mut paths)?;
        }
    }
    paths.sort();
    paths.iter().map(|path| read(root, path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            // A crate's own target folder, where someone made one.
            if path.file_name().is_none_or(|name| name != "target") {
                collect(&path, paths)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

fn read(root: &Path, path: &Path) -> anyhow::Result<Source> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let path = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Ok(Source { path, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_files_are_found_in_all_folders_and_build_output_is_not() {
        let root = tempfile::tempdir().unwrap();
        for path in ["crates/a/src/lib.rs", "crates/a/target/x.rs", "services/b/src/main.rs", "docs/c.rs"] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "//! x\n").unwrap();
        }
        let paths: Vec<_> = read_all(root.path()).unwrap().into_iter().map(|source| source.path).collect();
        assert_eq!(paths, ["crates/a/src/lib.rs", "services/b/src/main.rs"]);
    }
}
