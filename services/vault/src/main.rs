//! The vault service as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    tender_composition::service_main(
        "vault",
        "Tender vault: saved payment methods and their secrets",
        tender_vault_service::assemble,
    )
}
