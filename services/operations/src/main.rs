//! The operations service as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    tender_composition::service_main(
        "operations",
        "Tender operations: API keys, settings and health",
        tender_operations_service::assemble,
    )
}
