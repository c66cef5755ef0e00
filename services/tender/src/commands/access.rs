//! Which database a command works on: the one of the settings, or the private one of a data folder, running or not.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use sqlx::postgres::PgConnectOptions;
use tender_composition::database;
use tender_postgres::{PrivateCluster, role_name};
use tender_settings::Settings;

use crate::run::{DATABASE, DataFolder, cluster_options};

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArguments {
    /// The data folder of `tender run`; without it the database of the settings (database.url)
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// A way into the database. What was started for it ends with [`Access::close`].
pub(crate) struct Access {
    connect: PgConnectOptions,
    is_private: bool,
    started: Option<PrivateCluster>,
}

impl Access {
    /// The database of a data folder, or of the settings. A private PostgreSQL that does not run is started for as
    /// long as the command takes.
    pub(crate) async fn open(data: &DataArguments, settings: &Settings) -> anyhow::Result<Self> {
        if let Some(url) = &settings.database.url {
            let connect = database::connect_options(&settings.database, url)?;
            return Ok(Self { connect, is_private: false, started: None });
        }
        let folder = data.data_dir.as_deref();
        let folder =
            folder.context("name the data folder with --data-dir, or a database with database.url")?;
        Self::open_private(folder, settings).await
    }

    async fn open_private(folder: &Path, settings: &Settings) -> anyhow::Result<Self> {
        let root = DataFolder::postgres_of(folder);
        anyhow::ensure!(
            root.is_dir(),
            "{} is no data folder of a Tender: it has no {}",
            folder.display(),
            root.display()
        );
        if let Some(connect) = PrivateCluster::find_running(&root, DATABASE)? {
            return Ok(Self { connect, is_private: true, started: None });
        }
        let cluster = PrivateCluster::start(&root, cluster_options(settings)).await?;
        Ok(Self { connect: cluster.connect_options(), is_private: true, started: Some(cluster) })
    }

    /// How to connect as the role of a service. The database of the settings is used as whoever they name.
    pub(crate) fn as_service(&self, service: &str) -> PgConnectOptions {
        self.as_role(&role_name(service, None))
    }

    /// How to connect as a role of the private PostgreSQL; the database of the settings as whoever they name.
    pub(crate) fn as_role(&self, role: &str) -> PgConnectOptions {
        if self.is_private { self.connect.clone().username(role) } else { self.connect.clone() }
    }

    /// Ends what was started.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        if let Some(cluster) = self.started {
            cluster.stop().await?;
        }
        Ok(())
    }
}
