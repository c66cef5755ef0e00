//! The PostgreSQL of the all-in-one: its own, or the one of the settings.

use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use tender_composition::database;
use tender_domain::ports::Ids;
use tender_postgres::{PrivateCluster, PrivateClusterOptions, role_name};
use tender_settings::Settings;
use tokio_util::sync::CancellationToken;

use super::DataFolder;
use crate::commands::schemas::migrate_all;

/// The database in the private cluster.
pub(crate) const DATABASE: &str = "tender";

/// Pools and writers of the five services and the simulator, and some for commands and people.
const POOLS: u32 = 6;
const CONNECTIONS_BESIDE: u32 = 40;

/// How long a PostgreSQL that did not start again is left in peace.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// The private cluster for these settings.
pub(crate) fn cluster_options(settings: &Settings) -> PrivateClusterOptions {
    let wanted = POOLS * settings.database.max_connections + CONNECTIONS_BESIDE;
    PrivateClusterOptions {
        database: DATABASE.to_owned(),
        max_connections: u16::try_from(wanted).unwrap_or(u16::MAX),
        ..PrivateClusterOptions::default()
    }
}

/// The database with all schemas, and the cluster if it is our own.
pub(super) struct Database {
    admin: PgConnectOptions,
    folder: Option<DataFolder>,
    cluster: Option<PrivateCluster>,
}

impl Database {
    /// Starts the private cluster, or takes the database of the settings, and brings all schemas up to date.
    pub(super) async fn prepare(
        folder: &DataFolder,
        settings: &Settings,
        ids: &dyn Ids,
    ) -> anyhow::Result<Self> {
        let Some(url) = &settings.database.url else {
            let cluster = PrivateCluster::start(&folder.postgres(), cluster_options(settings)).await?;
            migrate_all(&cluster.connect_options(), |_| Ok(None)).await?;
            return Ok(Self { admin: cluster.connect_options(), folder: None, cluster: Some(cluster) });
        };
        let admin = database::connect_options(&settings.database, url)?;
        let given = &settings.database.role_passwords;
        let password = |service: &str| match given.of(service) {
            Some(password) => Ok(Some(password.clone())),
            None => folder.role_password(service, ids).map(Some),
        };
        migrate_all(&admin, password).await?;
        Ok(Self { admin, folder: Some(folder.clone()), cluster: None })
    }

    /// How to connect as the role of a service.
    pub(super) fn connect_as(
        &self,
        service: &str,
        settings: &Settings,
        ids: &dyn Ids,
    ) -> anyhow::Result<PgConnectOptions> {
        let connect = self.admin.clone().username(&role_name(service, None));
        let Some(folder) = &self.folder else { return Ok(connect) };
        let password = match settings.database.role_passwords.of(service) {
            Some(password) => password.clone(),
            None => folder.role_password(service, ids)?,
        };
        Ok(connect.password(password.expose_secret()))
    }

    /// What it is, for people.
    pub(super) const fn describe(&self) -> &'static str {
        if self.cluster.is_some() { "PostgreSQL of its own" } else { "PostgreSQL of database.url" }
    }

    /// The cluster, if it is our own.
    pub(super) fn into_cluster(self) -> Option<PrivateCluster> {
        self.cluster
    }
}

/// Starts the private PostgreSQL again whenever it ends; gives it back when the process is to end. Requests meanwhile
/// are answered 503, and everything goes on when it is back.
pub(super) async fn keep_running(mut cluster: PrivateCluster, stop: CancellationToken) -> PrivateCluster {
    loop {
        let exit = tokio::select! {
            exit = cluster.wait() => exit,
            () = stop.cancelled() => return cluster,
        };
        tracing::error!(process = exit.process, status = exit.status, "PostgreSQL ended; starting it again");
        metrics::counter!("tender_postgres_restarts_total").increment(1);
        while let Err(error) = cluster.restart().await {
            tracing::error!(%error, "PostgreSQL did not start again; trying once more");
            tokio::select! {
                () = tokio::time::sleep(RESTART_PAUSE) => {}
                () = stop.cancelled() => return cluster,
            }
        }
    }
}
