//! The cluster's folder: what lies where, and the lock that says whose it is.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{PrivateClusterError, error::IoContext, owner::Owner};

/// All that ever lies in the folder. With anything else in it, it is not ours to use.
const NAMES: [&str; 9] = [
    "data",
    "data.new",
    "lock",
    "pg_hba.conf",
    "postgres.log",
    "postgres.log.1",
    "postgresql.conf",
    "postgresql.local.conf",
    "socket",
];

/// Where things lie.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes the folder if it is missing and finds its real path, which is what a running server shows.
    pub(super) fn open(root: &Path) -> Result<Self, PrivateClusterError> {
        if !root.exists() {
            // Only data/ and socket/ are the server's own; to get to them it walks through this one.
            DirBuilder::new().recursive(true).mode(0o711).create(root).context("make", root)?;
        }
        let root = fs::canonicalize(root).context("find", root)?;
        for entry in fs::read_dir(&root).context("list", &root)? {
            let name = entry.context("list", &root)?.file_name();
            let known =
                |known: &&str| name == **known || name.to_string_lossy().starts_with(&format!("{known}.tmp"));
            if !NAMES.iter().any(known) {
                return Err(PrivateClusterError::NotACluster { found: root.join(name), root });
            }
        }
        Ok(Self { root })
    }

    /// A folder that is only looked at; `None` if there is none.
    pub(super) fn look(root: &Path) -> Option<Self> {
        fs::canonicalize(root).ok().map(|root| Self { root })
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// PostgreSQL's data.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Data in the making, renamed when whole: `data` either exists completely or not at all.
    pub(super) fn unfinished_data(&self) -> PathBuf {
        self.root.join("data.new")
    }

    /// The socket's folder, unless the path is too long for one.
    pub(super) fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }

    /// What the server says since it was last started; the time before is in `postgres.log.1`.
    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// The major version that made the data, or `None` before the first start.
    pub(super) fn made_by(&self) -> Result<Option<u32>, PrivateClusterError> {
        let path = self.data().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("read", &path),
        }
    }

    /// Makes this process the one that owns the cluster, until the file is dropped or the process ends.
    pub(super) fn lock(&self, owner: &Owner) -> Result<File, PrivateClusterError> {
        let path = self.root.join("lock");
        // Started as root in somebody's folder, a link there must not make us write elsewhere.
        if fs::symlink_metadata(&path).is_ok_and(|entry| !entry.is_file()) {
            return Err(PrivateClusterError::NotACluster { found: path, root: self.root.clone() });
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .context("open", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                file.read_to_string(&mut process).context("read", &path)?;
                return Err(PrivateClusterError::InUse {
                    root: self.root.clone(),
                    process: process.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(error).context("lock", &path),
        }
        owner.give(&path)?;
        file.set_len(0).and_then(|()| file.rewind()).context("empty", &path)?;
        writeln!(file, "{}", std::process::id()).context("write", &path)?;
        Ok(file)
    }

    /// A new, empty log; the one before is kept beside it, so two of them bound what logs may take.
    pub(super) fn new_log(&self, owner: &Owner) -> Result<File, PrivateClusterError> {
        let path = self.log();
        if path.exists() {
            fs::rename(&path, self.root.join("postgres.log.1")).context("put aside", &path)?;
        }
        let file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).context("make", &path)?;
        owner.give(&path)?;
        Ok(file)
    }

    /// The end of the log.
    pub(super) fn log_tail(&self) -> String {
        fs::read(self.log())
            .map(|log| super::command::tail(&String::from_utf8_lossy(&log)))
            .unwrap_or_default()
    }
}

/// Makes a folder that only the server's user can enter, or brings one that exists into that state.
pub(super) fn make_private(path: &Path, owner: &Owner) -> Result<(), PrivateClusterError> {
    if !path.exists() {
        DirBuilder::new().mode(0o700).create(path).context("make", path)?;
    }
    owner.give(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).context("protect", path)
}
