//! Checks of this repository that no compiler makes.
//!
//! **What lives here.** `cargo xtask tidy`: the house rules (who may name whom, sizes, where time comes from).
//! `cargo xtask compose`: that the deployment files describe one and the same topology.
//!
//! **What never does.** Anything that changes files, needs a server or belongs to the product.
//!
//! **How to add a check.** A function that takes what it looks at as plain values and returns [`Violation`]s, with
//! tests on small samples, called from `tidy/run.rs` or `compose/run.rs`.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod compose;
mod tidy;
mod violation;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{violation::Violation, workspace::Workspace};

/// Checks of this repository that no compiler makes.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    check: Check,
}

#[derive(Subcommand)]
enum Check {
    /// The house rules: arrows between crates, sizes of files, what lib.rs may hold, where time comes from.
    Tidy,
    /// The deployment files: processes, settings, docker-compose.yml and Dockerfile agree with each other.
    Compose,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let workspace = Workspace::load()?;
    let (name, found) = match arguments.check {
        Check::Tidy => ("tidy", tidy::run(&workspace)?),
        Check::Compose => ("compose", compose::run(&workspace)?),
    };
    Ok(report(name, &found))
}

fn report(name: &str, found: &[Violation]) -> ExitCode {
    if found.is_empty() {
        println!("{name}: good");
        return ExitCode::SUCCESS;
    }
    for violation in found {
        println!("{violation}\n");
    }
    println!("{name}: {} rule(s) broken", found.len());
    ExitCode::FAILURE
}
