//! Where the server's socket lies: in the cluster's folder, or, if that path is too long, in a short one.

use std::{
    env, fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use super::{
    PrivateClusterError,
    error::IoContext,
    folder::{Folder, make_private},
    owner::Owner,
};

/// The number in the socket's name; no TCP port is opened.
pub(super) const PORT: u16 = 5432;

/// Longest path of a socket, in bytes without the final zero: `sun_path` has 108 on Linux, 104 elsewhere.
const PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// How the short folders are named; what follows is random, so that nobody can be there first.
const SHORT_PREFIX: &str = "tender-pg-";

/// The folder of the socket.
#[derive(Debug, Clone)]
pub(super) struct SocketFolder {
    path: PathBuf,
}

impl SocketFolder {
    /// One that exists, of a server that runs.
    pub(super) fn existing(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes one whose socket's path fits: in the cluster's folder, else a short one.
    pub(super) fn make(folder: &Folder, owner: &Owner) -> Result<Self, PrivateClusterError> {
        let beside = folder.socket();
        if fits(&beside) {
            make_private(&beside, owner)?;
            return Ok(Self { path: beside });
        }
        let mut candidates = vec![format!("{} is too long", beside.display())];
        for parent in short_parents(owner) {
            let path = parent.join(format!("{SHORT_PREFIX}{:08x}", rand::random::<u32>()));
            if !fits(&path) {
                candidates.push(format!("{} is too long", path.display()));
                continue;
            }
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {
                    owner.give(&path)?;
                    return Ok(Self { path });
                }
                Err(error) => candidates.push(format!("{}: {error}", path.display())),
            }
        }
        Err(PrivateClusterError::NoSocketFolder { candidates: candidates.join("; "), limit: PATH_LIMIT })
    }

    /// Makes sure it is still there: temporary folders get cleaned while nobody listens.
    pub(super) fn ensure(&self, owner: &Owner) -> Result<(), PrivateClusterError> {
        make_private(&self.path, owner)
    }

    /// Removes what a killed server left in it: a new one would take the number in there for a running server's
    /// if it has been given to another process. Only for a folder whose server is known to be dead.
    pub(super) fn clear(&self) -> Result<(), PrivateClusterError> {
        for name in [format!(".s.PGSQL.{PORT}"), format!(".s.PGSQL.{PORT}.lock")] {
            let path = self.path.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).context("remove", &path);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes a short folder after its server ended; one in the cluster's folder stays. Whatever does not
    /// look like a folder we made is left alone.
    pub(super) fn remove(&self, owner: &Owner) {
        let is_short =
            self.path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SHORT_PREFIX));
        let is_ours =
            fs::symlink_metadata(&self.path).is_ok_and(|entry| entry.is_dir() && entry.uid() == owner.uid);
        if !is_short || !is_ours {
            return;
        }
        let emptied = self.clear();
        if let Err(error) = fs::remove_dir(&self.path) {
            tracing::warn!(path = %self.path.display(), ?emptied, %error, "a folder for a socket could not be removed");
        }
    }
}

fn fits(folder: &Path) -> bool {
    folder.join(format!(".s.PGSQL.{PORT}")).as_os_str().len() <= PATH_LIMIT
}

/// Folders under which a short one can be made. A user's own runtime folder is closed to everybody else, so it
/// is of no use when the server runs as another.
fn short_parents(owner: &Owner) -> Vec<PathBuf> {
    let runtime = env::var_os("XDG_RUNTIME_DIR").filter(|_| !owner.is_another).map(PathBuf::from);
    runtime
        .into_iter()
        .chain([env::temp_dir(), PathBuf::from("/tmp")])
        .filter(|path| path.is_absolute())
        .collect()
}
