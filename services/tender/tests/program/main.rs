//! The program `tender`, run as people run it.

// Not all of it is needed here.
mod adyen;
#[expect(dead_code, unused_imports)]
#[path = "../../../../crates/gateways/tests/adyen/double/mod.rs"]
mod at_adyen;
mod commands;
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
