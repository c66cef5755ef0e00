//! A folder of one system, gone with it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A temporary folder that other users may walk through: PostgreSQL runs as another user where we are root.
#[derive(Debug)]
pub struct Folder(Option<tempfile::TempDir>, PathBuf);

impl Folder {
    /// An empty folder.
    ///
    /// # Errors
    /// The temporary folder cannot be written.
    pub fn new() -> anyhow::Result<Self> {
        let open = std::fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("tender-e2e-").permissions(open).tempdir();
        let folder = folder.context("cannot make a temporary folder")?;
        let path = folder.path().to_owned();
        if std::env::var("TENDER_TEST_KEEP").is_ok_and(|keep| keep == "1") {
            eprintln!("kept: {}", folder.keep().display());
            return Ok(Self(None, path));
        }
        Ok(Self(Some(folder), path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.1
    }

    /// Whether it stays when this value is gone.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.0.is_none()
    }

    /// Keeps it for a person to look at; used when a test has failed.
    pub fn keep(&mut self) {
        if let Some(folder) = self.0.take() {
            eprintln!("kept: {}", folder.keep().display());
        }
    }
}
