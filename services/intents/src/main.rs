//! The intents service as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    tender_composition::service_main(
        "intents",
        "Tender intents: payment intents, charges and the orders directory",
        tender_intents_service::assemble,
    )
}
