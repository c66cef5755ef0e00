//! The program `tender`, run as people run it.

mod commands;
mod disputes;
// The double is the gateway's own; not all of it is needed here.
#[expect(dead_code)]
#[path = "../../../../crates/gateways/tests/stripe/double.rs"]
mod double;
mod life;
mod lifecycle;
mod program;
#[path = "../../../../crates/gateways/tests/stripe/rules.rs"]
mod rules;
mod stripe;
