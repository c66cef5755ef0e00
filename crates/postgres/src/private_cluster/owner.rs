//! As whom the server runs, and whether that user can get to its folder.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};

use super::{
    PrivateClusterError, command::Program, error::IoContext, folder::Folder, installation::Installation,
};

/// The user the server runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    /// User id.
    pub(super) uid: u32,
    /// Group id.
    pub(super) gid: u32,
    /// For messages: the name, or the id where there is none.
    pub(super) name: String,
    /// Whether this process is root and every program has to be started as somebody else.
    pub(super) is_another: bool,
}

impl Owner {
    /// The owner of the data that exists, else whom it shall belong to.
    pub(super) fn decide(folder: &Folder) -> Result<Self, PrivateClusterError> {
        let (uid, gid) = this_process().context("ask who we are, for", folder.root())?;
        let data = match fs::metadata(folder.data()) {
            Ok(data) => Some((data.uid(), data.gid())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).context("look at", &folder.data()),
        };
        match (uid, data) {
            (0, Some((owner, group))) if owner != 0 => {
                let name =
                    user_by(|user| user.uid == owner).map_or_else(|| owner.to_string(), |user| user.name);
                Ok(Self { uid: owner, gid: group, name, is_another: true })
            }
            // Data that root copied or restored belongs to root; the server user gets it back below.
            (0, _) => ["postgres", "nobody"]
                .iter()
                .find_map(|name| user_by(|user| user.name == *name))
                .ok_or(PrivateClusterError::NoServerUser),
            (process, Some((owner, _))) if owner != process => {
                Err(PrivateClusterError::ForeignOwner { root: folder.root().to_owned(), owner, process })
            }
            _ => Ok(Self { uid, gid, name: uid.to_string(), is_another: false }),
        }
    }

    /// Gives `path` to the server's user when that is another than ours.
    pub(super) fn give(&self, path: &Path) -> Result<(), PrivateClusterError> {
        if self.is_another {
            chown(path, Some(self.uid), Some(self.gid)).context("give away", path)
        } else {
            Ok(())
        }
    }

    /// Gives a whole tree that belongs to root to the server's user.
    pub(super) fn give_tree(&self, path: &Path) -> Result<(), PrivateClusterError> {
        let entry = fs::symlink_metadata(path).context("look at", path)?;
        if entry.uid() != 0 || !self.is_another {
            return Ok(());
        }
        if entry.is_dir() {
            for child in fs::read_dir(path).context("list", path)? {
                self.give_tree(&child.context("list", path)?.path())?;
            }
        }
        std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid)).context("give away", path)
    }

    /// Checks that the server's user may enter the cluster's folder, by entering it as that user: mode bits
    /// alone do not know of access lists and mount options.
    pub(super) async fn check_reach(
        &self,
        folder: &Folder,
        installation: &Installation,
    ) -> Result<(), PrivateClusterError> {
        if !self.is_another || self.can_enter(folder.root(), installation).await? {
            return Ok(());
        }
        let mut blocked_by = folder.root();
        for ancestor in folder.root().ancestors() {
            if self.can_enter(ancestor, installation).await? {
                break;
            }
            blocked_by = ancestor;
        }
        Err(PrivateClusterError::Unreachable {
            user: self.name.clone(),
            blocked_by: blocked_by.to_owned(),
            root: folder.root().to_owned(),
        })
    }

    async fn can_enter(&self, path: &Path, installation: &Installation) -> Result<bool, PrivateClusterError> {
        let mut command = Program::Postgres.command(installation, self);
        match command.arg("--version").current_dir(path).output().await {
            Ok(_) => Ok(true),
            // In `/` it is not the folder but the program that this user may not use.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path != Path::new("/") => {
                Ok(false)
            }
            Err(error) => {
                Err(error).context("run, as the server's user, programs in", installation.bin_dir())
            }
        }
    }
}

/// User and group this process acts as. A socket's other end is told who is at this one: the one way the
/// standard library and tokio have that is neither unsafe nor a program that may be missing.
fn this_process() -> io::Result<(u32, u32)> {
    let (one, _other) = tokio::net::UnixStream::pair()?;
    let us = one.peer_cred()?;
    Ok((us.uid(), us.gid()))
}

fn user_by(wanted: impl Fn(&Owner) -> bool) -> Option<Owner> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    users.lines().filter_map(parse_user).find(|user| wanted(user))
}

/// One line of `/etc/passwd`: name, password, user id, group id, and more.
fn parse_user(line: &str) -> Option<Owner> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Owner { uid, gid, name, is_another: true })
}

#[cfg(test)]
mod tests {
    use super::{Owner, parse_user};

    #[test]
    fn a_line_of_the_user_file_gives_name_and_ids_and_nonsense_gives_nothing() {
        let line = "postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash";
        let expected = Owner { uid: 101, gid: 104, name: "postgres".to_owned(), is_another: true };
        assert_eq!(parse_user(line), Some(expected));
        assert_eq!(parse_user("+::::::"), None);
        assert_eq!(parse_user(""), None);
    }
}
