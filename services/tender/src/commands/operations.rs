//! The operations service for as long as a command takes.

use std::sync::Arc;

use tender_composition::{Ground, RandomIds, SystemClock};
use tender_operations::OperationsService;
use tender_settings::Settings;

use super::access::{Access, DataArguments};
use crate::run::DataFolder;

/// Does something with the operations service of a data folder, or of the settings' database.
pub(crate) async fn with_operations<T>(
    data: &DataArguments,
    mut settings: Settings,
    work: impl AsyncFnOnce(&OperationsService) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(folder) = &data.data_dir {
        DataFolder::existing(folder).secrets_into(&mut settings);
    }
    let access = Access::open(data, &settings).await?;
    // One key at a time: no need of the connections that serve requests.
    settings.database.min_connections = 0;
    let ground = Ground {
        connect: access.as_service(tender_operations_service::SCHEMA),
        settings: Arc::new(settings),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
    };
    let opened = Box::pin(tender_operations_service::open(&ground)).await?;
    let pool = opened.pool.clone();
    let done = work(&tender_operations_service::build(&ground, opened, Vec::new())?.service).await;
    pool.close().await;
    access.close().await?;
    done
}
