//! Finding PostgreSQL's programs.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::PrivateClusterError;

/// The oldest version whose features the schemas use.
const OLDEST_MAJOR: u32 = 15;

/// One installed PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installation {
    bin_dir: PathBuf,
    major: u32,
}

impl Installation {
    /// The newest installation of at least version 15 in `bin_dir`, or, when that is `None`, on `PATH` and
    /// where the distributions put it. A cluster that exists can only be run by the `major` it was made by.
    pub(super) fn find(bin_dir: Option<&Path>, major: Option<u32>) -> Result<Self, PrivateClusterError> {
        let looked = bin_dir.map_or_else(usual_folders, |folder| vec![folder.to_owned()]);
        let usable = |found: &Self| major.map_or(found.major >= OLDEST_MAJOR, |major| found.major == major);
        looked
            .iter()
            .filter_map(|folder| Self::at(folder))
            .filter(usable)
            .max_by_key(|found| found.major)
            .ok_or_else(|| PrivateClusterError::NotInstalled {
                wanted: major.map_or_else(
                    || format!("{OLDEST_MAJOR} or newer"),
                    |major| format!("{major} (the version that made this cluster)"),
                ),
                package: major.map_or_else(|| "postgresql".to_owned(), |major| format!("postgresql-{major}")),
                looked: looked.iter().map(|folder| folder.display().to_string()).collect(),
            })
    }

    /// Where its programs are.
    pub(super) fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// Its major version.
    pub(super) fn major(&self) -> u32 {
        self.major
    }

    fn at(folder: &Path) -> Option<Self> {
        if !["postgres", "initdb", "pg_ctl"].iter().all(|program| folder.join(program).is_file()) {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { bin_dir: folder.to_owned(), major })
    }
}

/// Folders that may hold the programs, without repetition. A link on `PATH` counts as the folder it points to:
/// the programs look for each other beside themselves.
fn usual_folders() -> Vec<PathBuf> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&on_path)
        .filter_map(|folder| fs::canonicalize(folder.join("postgres")).ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .collect();
    // Debian and Ubuntu; Red Hat's and PostgreSQL's own packages; Homebrew.
    for (parent, begin) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/usr/local", "pgsql"),
        ("/opt/homebrew/opt", "postgresql"),
    ] {
        let children = fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(
            children
                .filter(|child| child.file_name().to_string_lossy().starts_with(begin))
                .map(|child| child.path().join("bin"))
                .filter(|folder| folder.is_dir()),
        );
    }
    if folders.is_empty() {
        folders.push(PathBuf::from("/usr/lib/postgresql/*/bin"));
    }
    folders.sort();
    folders.dedup();
    folders
}

/// `15` of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().nth(2)?;
    number.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Installation, parse_major};

    #[test]
    fn the_major_version_is_read_from_releases_and_previews() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("something else"), None);
    }

    #[test]
    fn what_is_missing_is_told_with_the_command_that_installs_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let message = Installation::find(Some(folder.path()), None).expect_err("empty").to_string();
        assert!(message.contains("15 or newer") && message.contains("apt-get install"), "{message}");
        assert!(message.contains(&folder.path().display().to_string()), "{message}");
        let message = Installation::find(Some(folder.path()), Some(16)).expect_err("empty").to_string();
        assert!(message.contains("postgresql-16"), "{message}");
    }
}
