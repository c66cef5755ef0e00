use anyhow::Context;
use clap::Subcommand;
use tender_domain::kernel::TenantId;
use tender_settings::Settings;

use super::access::DataArguments;
use super::operations::with_operations;
use super::output::say;

/// Makes and lists tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant
    Create {
        /// Its id: lower-case letters, digits, `-` and `_`
        name: TenantId,
        /// How people call it; without it, its id
        #[arg(long, value_name = "TEXT")]
        display_name: Option<String>,
        #[command(flatten)]
        data: DataArguments,
    },
    /// List all tenants, one a line
    List {
        #[command(flatten)]
        data: DataArguments,
    },
}

/// `tender tenant …`.
pub(crate) async fn perform(command: TenantCommand, settings: Settings) -> anyhow::Result<()> {
    match command {
        TenantCommand::Create { name, display_name, data } => {
            with_operations(&data, settings, async |operations| {
                let tenant = operations.create_tenant(&name, display_name.as_deref()).await?;
                say(&format!(
                    "tenant {} was made; its first key: tender key create --tenant {0}",
                    tenant.tenant
                ))
            })
            .await
        }
        TenantCommand::List { data } => {
            with_operations(&data, settings, async |operations| {
                let mut after = None;
                loop {
                    let tenants =
                        operations.list_tenants(after.as_ref()).await.context("tenants cannot be read")?;
                    for tenant in &tenants {
                        say(&format!("{}\t{}\t{}", tenant.tenant, tenant.display_name, tenant.created_at))?;
                    }
                    match tenants.last() {
                        Some(last) => after = Some(last.tenant.clone()),
                        None => return Ok(()),
                    }
                }
            })
            .await
        }
    }
}
