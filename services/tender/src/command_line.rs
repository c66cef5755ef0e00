//! What `tender` takes, and who does it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tender_composition::{runtime, start_telemetry, tell};
use tender_settings::Settings;

use crate::commands::{
    self, check::CheckArguments, events::EventsCommand, keys::KeyCommand, tenants::TenantCommand,
};
use crate::demo::{self, DemoArguments};
use crate::run::{self, RunArguments};

/// Tender, a self-hosted payments platform.
///
/// Settings come from the built-in defaults, then the file of --config, then variables TENDER__SECTION__KEY
/// (TENDER__HTTP__PORT=8081); config/default.toml lists them all.
#[derive(Debug, Parser)]
#[command(name = "tender", version, max_term_width = 110)]
struct CommandLine {
    /// A file of settings (TOML), over the defaults and under the variables
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: TenderCommand,
}

#[derive(Debug, Subcommand)]
enum TenderCommand {
    /// Run all of Tender in this process, with a PostgreSQL of its own; sandbox mode
    ///
    /// When it is ready it prints one line beginning with `ready` and its URL, and has written an admin key of tenant
    /// `sandbox` to DIR/admin.key and a development JWT secret to DIR/jwt.secret. Ctrl-C or SIGTERM ends it in order;
    /// started again on the folder of a killed run it takes over what that one left.
    Run(RunArguments),
    /// Create or update the schemas and roles of all services, and end
    ///
    /// `database.url` names the database, as an administrator who may create roles and schemas;
    /// `database.role_passwords` are the passwords the roles are given.
    Migrate,
    /// Make and list tenants
    Tenant {
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Issue API keys
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Run the simulated gateway as a process of its own; refused in production
    Simulator,
    /// Check the promises of what is stored: ledger, captures, refunds, events, attempts
    Check(CheckArguments),
    /// A storefront's day against a running Tender, in plain words
    Demo(DemoArguments),
    /// Publish events again
    Events {
        #[command(subcommand)]
        command: EventsCommand,
    },
}

/// The whole program: its exit code is 0 when the command did what it was asked, 1 when not; 2 for a command line that
/// cannot be read, and for a check that could not be made.
#[must_use]
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    match perform(line) {
        Ok(code) => code,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn perform(line: CommandLine) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(line.config.as_deref())?;
    let telemetry = start_telemetry("tender", &settings)?;
    let metrics = telemetry.metrics();
    let done = runtime()?.block_on(async {
        match line.command {
            TenderCommand::Run(arguments) => Box::pin(run::run(arguments, settings, metrics)).await,
            TenderCommand::Migrate => commands::migrate::migrate(&settings).await,
            TenderCommand::Tenant { command } => {
                Box::pin(commands::tenants::perform(command, settings)).await
            }
            TenderCommand::Key { command } => Box::pin(commands::keys::perform(command, settings)).await,
            TenderCommand::Simulator => commands::simulator::serve(settings, metrics).await,
            TenderCommand::Check(arguments) => return commands::check::check(arguments, &settings).await,
            TenderCommand::Demo(arguments) => demo::demo(&arguments).await.map_err(anyhow::Error::from),
            TenderCommand::Events { command } => commands::events::perform(command, &settings).await,
        }
        .map(|()| ExitCode::SUCCESS)
    });
    drop(telemetry);
    done
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_commands_of_the_contract_are_read_as_it_writes_them() {
        for line in [
            "tender run --data-dir /tmp/x --port 8080",
            "tender run --data-dir /tmp/x --port 0 --config /etc/tender.toml",
            "tender migrate",
            "tender tenant create acme",
            "tender tenant list",
            "tender key create --tenant acme --name shop --role agent",
            "tender key create --tenant acme --name shop --scopes intents:read,intents:write --expires-in 30d",
            "tender key create --tenant acme --name page --scopes methods:attach --publishable",
            "tender simulator",
            "tender check --data-dir /tmp/x --wait --json",
            "tender demo --url http://127.0.0.1:8080 --key-file data/admin.key",
            "tender events replay --topic payment.processed",
            "tender events replay --data-dir /tmp/x",
            "tender events republish --topic payment.processed --since 2026-03-04T12:00:00Z",
        ] {
            let read = CommandLine::try_parse_from(line.split(' '));
            assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
        }
    }
}
