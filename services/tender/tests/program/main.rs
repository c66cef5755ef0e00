//! The program `tender`, run as people run it.

mod adyen;
// The doubles are the gateways' own; not all of each is needed here.
#[expect(dead_code, unused_imports)]
#[path = "../../../../crates/gateways/tests/adyen/double/mod.rs"]
mod at_adyen;
#[expect(dead_code, unused_imports)]
#[path = "../../../../crates/gateways/tests/paypal/double/mod.rs"]
mod at_paypal;
mod commands;
#[path = "../../../../crates/gateways/tests/square/disputed.rs"]
mod disputed;
mod disputes;
#[expect(dead_code)]
#[path = "../../../../crates/gateways/tests/stripe/double.rs"]
mod double;
#[path = "../../../../crates/gateways/tests/stripe/files.rs"]
mod files;
mod hotels;
mod life;
mod lifecycle;
#[path = "../../../../crates/gateways/tests/notifiers/mail_server.rs"]
mod mail_server;
#[path = "../../../../crates/gateways/tests/stripe/pages.rs"]
mod pages;
#[path = "../../../../crates/gateways/tests/shared/parts.rs"]
mod parts;
mod paypal;
mod payu;
#[expect(dead_code)]
#[path = "../../../../crates/gateways/tests/payu/rules.rs"]
mod payu_rules;
mod program;
mod replay;
#[expect(dead_code)]
#[path = "../../../../crates/gateways/tests/shared/requests.rs"]
mod requests;
mod rotation;
#[path = "../../../../crates/gateways/tests/stripe/rules.rs"]
mod rules;
mod scorer;
#[path = "../../../../crates/gateways/tests/shared/server.rs"]
mod server;
#[path = "../../../../crates/gateways/tests/stripe/setups.rs"]
mod setups;
#[path = "../../../../crates/gateways/tests/paypal/signed.rs"]
mod signed_by_paypal;
#[expect(dead_code)]
#[path = "../../../../crates/gateways/tests/square/rules.rs"]
mod square_rules;
#[expect(dead_code)]
#[path = "../../../../crates/gateways/tests/shared/standin.rs"]
mod standin;
#[path = "../../../../crates/gateways/tests/payu/statements.rs"]
mod statements;
mod stripe;
#[expect(dead_code)]
#[path = "../../../../crates/gateways/tests/worldpay/rules.rs"]
mod worldpay_rules;
mod worldpay_square;
