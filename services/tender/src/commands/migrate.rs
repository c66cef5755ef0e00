use tender_composition::{database, required};
use tender_settings::Settings;

use super::schemas::migrate_all;

/// `tender migrate`.
pub(crate) async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    let url = required(
        Ok(settings.database.url.as_ref()),
        "database.url",
        "as an administrator, to create schemas",
    )?;
    let admin = database::connect_options(&settings.database, url)?;
    let passwords = &settings.database.role_passwords;
    migrate_all(&admin, |schema| Ok(passwords.of(schema).cloned())).await?;
    tracing::info!("all schemas and roles are up to date");
    Ok(())
}
