//! Making the cluster's data, once.

use std::{
    fs::{self, File},
    time::Instant,
};

use super::{
    PrivateClusterError,
    command::{Program, run},
    error::IoContext,
    folder::{Folder, make_private},
    installation::Installation,
    owner::Owner,
};

/// The administrator every cluster is made with.
pub(super) const SUPERUSER: &str = "postgres";

/// Makes the data: UTF-8, sorted by code point (so no upgrade of the system's locales can ever disorder an
/// index), with checksums on every page. A start that is killed meanwhile leaves `data.new`, which the next one
/// removes.
pub(super) async fn make_data(
    folder: &Folder,
    installation: &Installation,
    owner: &Owner,
) -> Result<(), PrivateClusterError> {
    let started = Instant::now();
    let unfinished = folder.unfinished_data();
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).context("remove", &unfinished)?;
    }
    make_private(&unfinished, owner)?;
    tracing::info!(folder = %folder.root().display(), version = installation.major(), "making a PostgreSQL cluster");
    let mut command = Program::Initdb.command(installation, owner);
    command.arg("--pgdata").arg(&unfinished).args([
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
        "--username",
        SUPERUSER,
    ]);
    run(Program::Initdb, command, installation).await?;
    let data = folder.data();
    fs::rename(&unfinished, &data).context("finish", &data)?;
    File::open(folder.root()).and_then(|root| root.sync_all()).context("write to disk", folder.root())?;
    tracing::info!(elapsed_millis = started.elapsed().as_millis(), "PostgreSQL cluster made");
    Ok(())
}
