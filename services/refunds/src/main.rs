//! The refunds service as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    tender_composition::service_main(
        "refunds",
        "Tender refunds: money given back",
        tender_refunds_service::assemble,
    )
}
