use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use tender_domain::kernel::{Answer, RoleName, Scope, ScopeSet, TenantId};
use tender_domain::operations::KeyLifetime;
use tender_operations::{IssueKey, IssuedKey, Issuer, Kept, OperationsService};
use tender_settings::Settings;

use super::access::DataArguments;
use super::operations::with_operations;
use super::output::say;

/// Issues API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Issue a key and print its text, which is shown this once
    Create(CreateArguments),
}

/// What the key is to be.
#[derive(Debug, Args)]
pub(crate) struct CreateArguments {
    /// Whose it is to be
    #[arg(long)]
    tenant: TenantId,
    /// How people call it
    #[arg(long, default_value = "first key")]
    name: String,
    /// What it may do, as a built-in role: admin, payments_admin, reconciler, read_only, agent, …
    #[arg(long, value_parser = role, conflicts_with = "scopes")]
    role: Option<RoleName>,
    /// What it may do, scope by scope: intents:read,intents:write
    #[arg(long, value_delimiter = ',', value_name = "SCOPE,…")]
    scopes: Vec<Scope>,
    /// Whether it is to be in a browser (pk_)
    #[arg(long)]
    publishable: bool,
    /// How long it counts: a number and m, h, d or w (30d); without it, until it is revoked
    #[arg(long, value_name = "TIME")]
    expires_in: Option<KeyLifetime>,
    #[command(flatten)]
    data: DataArguments,
}

fn role(name: &str) -> Result<RoleName, String> {
    let known = || RoleName::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    RoleName::find(name)
        .ok_or_else(|| format!("there is no built-in role of this name; there are {}", known()))
}

impl CreateArguments {
    /// What the key may do: by role, by scopes; a publishable key what a browser may; else everything of its tenant.
    fn scope_set(&self) -> ScopeSet {
        match (self.role, &self.scopes[..]) {
            (Some(role), _) => role.scopes(),
            (None, []) if self.publishable => [Scope::MethodsAttach].into_iter().collect(),
            (None, []) => RoleName::Admin.scopes(),
            (None, scopes) => scopes.iter().copied().collect(),
        }
    }
}

/// `tender key …`.
pub(crate) async fn perform(command: KeyCommand, settings: Settings) -> anyhow::Result<()> {
    let KeyCommand::Create(arguments) = command;
    let livemode = settings.is_production();
    let data = arguments.data.clone();
    with_operations(&data, settings, async |operations| {
        let issue = IssueKey {
            scopes: arguments.scope_set(),
            tenant: arguments.tenant,
            name: arguments.name,
            publishable: arguments.publishable,
            livemode,
            lifetime: arguments.expires_in,
            issuer: Issuer::Operator,
        };
        let issued = issue_key(operations, issue).await?;
        say(issued.secret.expose())
    })
    .await
}

/// Issues a key at the command line, where there is no request to repeat.
pub(crate) async fn issue_key(operations: &OperationsService, issue: IssueKey) -> anyhow::Result<IssuedKey> {
    let unused = |_: &_| Answer { status: 201, body: "".into() };
    match operations.issue_key(issue, None, unused).await.context("the key was not issued")? {
        Kept::Fresh(issued) => Ok(issued),
        Kept::Replayed(_) => bail!("the key was issued before, though nothing was to be repeated"),
    }
}
