//! A PostgreSQL cluster of one's own, in a folder: what `tender run` uses when no `database.url` is set.
//!
//! **In the folder** lie `data/` (the cluster), `socket/` (where it listens), `postgres.log` and `lock` (held
//! while a process owns the cluster). Nothing of it is ever deleted but what an interrupted first start left.
//!
//! **Who may come in.** The server listens on no TCP port, only on a Unix socket in a folder of mode 0700, and
//! trusts whoever gets there: that is the server's own user and root, who could read the data files anyway.
//! SCRAM over TCP would open a port to every user of the machine and a password to keep; `peer` would add
//! nothing to the folder's mode, needs a map of users to roles, and fails in containers whose user has no
//! name. `pg_hba.conf` rejects everything else, should anybody ever open a port by hand.
//!
//! **As whom.** PostgreSQL refuses to run as root. Started as root, the cluster runs as the owner of its data,
//! else as user `postgres`, else as `nobody`; that user must be able to walk to the folder.
//!
//! **What a crash leaves.** A postmaster outlives a parent that was killed. The next start on the folder adopts
//! it if it is alive, serves this folder with these settings and answers; otherwise ends it by its id.

mod cluster;
mod command;
mod error;
mod folder;
mod initdb;
mod installation;
mod owner;
mod postmaster;
mod readiness;
mod server_files;
mod socket;
mod supervisor;

pub use cluster::{PostmasterExit, PrivateCluster, PrivateClusterOptions};
pub use error::PrivateClusterError;
