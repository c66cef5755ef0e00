//! What a sandbox has from the beginning: its tenant, an admin key in the data folder, the documents' example order.

use secrecy::{ExposeSecret, SecretSlice};
use tender_domain::kernel::{RoleName, TenantId};
use tender_domain::ports::ApiKeyDirectory;
use tender_http::ApiKeyText;
use tender_intents_service::seed_sandbox;
use tender_operations::{IssueKey, Issuer, OperationsService};

use super::DataFolder;
use super::build::Built;
use crate::commands::keys::issue_key;

/// Makes what is missing of it.
pub(super) async fn make_sandbox(
    built: &Built,
    folder: &DataFolder,
    pepper: &SecretSlice<u8>,
) -> anyhow::Result<()> {
    let operations = &built.operations.service;
    tokio::try_join!(admin_key(operations, folder, pepper), seed_sandbox(&built.intents))?;
    Ok(())
}

/// A key that does everything of tenant `sandbox`; made once, and again when the one in the folder does not count any
/// more (the database is another one).
async fn admin_key(
    operations: &OperationsService,
    folder: &DataFolder,
    pepper: &SecretSlice<u8>,
) -> anyhow::Result<()> {
    let kept = folder.read_admin_key()?;
    if let Some(key) = kept.and_then(|text| ApiKeyText::parse(text.expose_secret()))
        && operations.find(&key.hash(pepper.expose_secret())).await?.is_some()
    {
        return Ok(());
    }
    let tenant = operations.ensure_tenant(&TenantId::sandbox()).await?.tenant;
    let issue = IssueKey {
        tenant,
        name: "admin of the sandbox".to_owned(),
        scopes: RoleName::Admin.scopes(),
        publishable: false,
        livemode: false,
        lifetime: None,
        issuer: Issuer::Operator,
    };
    let issued = issue_key(operations, issue).await?;
    folder.write_admin_key(issued.secret.expose())
}
