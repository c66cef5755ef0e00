use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use sqlx::postgres::PgConnectOptions;
use tender_composition::tell;
use tender_settings::Settings;

use super::access::{Access, DataArguments};
use super::output::say;
use crate::check::{AUDITOR_ROLE, CheckOptions, NOT_CHECKED, Report, check as audit};

/// How the check is made.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    data: DataArguments,
    /// Wait until everything has arrived and is in order, at most so many seconds; a gateway's call that is looked up only
    /// after that is not waited for
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "120",
          value_parser = clap::value_parser!(u64).range(0..=86_400))]
    wait: Option<u64>,
    /// Leave what is younger than so many seconds unjudged: it is on its way between services
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    grace: u64,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// `tender check`: 0 when every promise is kept, 1 when one is broken, 2 when it cannot be known.
pub(crate) async fn check(arguments: CheckArguments, settings: &Settings) -> anyhow::Result<ExitCode> {
    match report(&arguments, settings).await {
        Ok(report) => {
            let text =
                if arguments.json { serde_json::to_string_pretty(&report)? } else { report.to_string() };
            say(text.trim_end())?;
            Ok(if report.clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Err(error) => {
            tell(&format!("error: nothing could be checked: {error:#}"));
            Ok(ExitCode::from(NOT_CHECKED))
        }
    }
}

async fn report(arguments: &CheckArguments, settings: &Settings) -> anyhow::Result<Report> {
    let access = Access::open(&arguments.data, settings).await?;
    let connect: PgConnectOptions = access.as_role(AUDITOR_ROLE);
    let options = CheckOptions {
        grace: Duration::from_secs(arguments.grace),
        wait: arguments.wait.map(Duration::from_secs),
        ..CheckOptions::default()
    };
    let report = audit(&connect, options).await;
    access.close().await?;
    Ok(report?)
}
