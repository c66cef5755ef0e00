//! The settlement service as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    tender_composition::service_main(
        "settlement",
        "Tender settlement: the ledger of everything that moved money",
        tender_settlement_service::assemble,
    )
}
