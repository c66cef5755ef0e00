//! The table of gateways in `docs/gateways.md`, from what each of them says of itself.

use std::fmt::Write;
use std::time::Duration;

use tender_domain::ports::{NEVER_FINAL, PaymentGateway, ReportsBy, UnknownOutcome};
use tender_domain::vault::{MethodType, VerificationKind};
use tender_gateways::{
    AdyenGateway, AdyenOptions, AdyenReports, HttpSimulatorGateway, HttpSimulatorOptions, PayPalGateway,
    PayPalOptions, PayUGateway, PayUOptions, SaferpayGateway, SaferpayOptions, SquareGateway, SquareOptions,
    StripeGateway, StripeOptions, WorldpayGateway, WorldpayOptions,
};

use tender_testkit::ManualClock;

use crate::repository::hold_section;

fn shown(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 3600 && seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds => format!("{seconds} s"),
    }
}

#[test]
fn the_page_lists_every_gateway_with_what_it_can_do() {
    const NOWHERE: &str = "http://127.0.0.1:1";
    let simulator = HttpSimulatorGateway::new(HttpSimulatorOptions::new(NOWHERE, "secret"));
    let stripe = StripeGateway::new(StripeOptions::new(NOWHERE, "secret"));
    let reports = AdyenReports { base: NOWHERE.to_owned(), key: "secret".into(), first_batch: 1 };
    let adyen = AdyenOptions::new(NOWHERE, "secret", "Shop", "https://shop.example.com");
    let adyen = AdyenGateway::new(AdyenOptions { reports: Some(reports), ..adyen });
    let paypal = PayPalGateway::new(PayPalOptions::new(NOWHERE, "id", "secret"));
    let worldpay = WorldpayOptions::new(NOWHERE, "user", "secret", "default", "Shop");
    let worldpay = WorldpayOptions { account_number: Some("1".to_owned()), ..worldpay };
    let worldpay = WorldpayGateway::new(worldpay, std::sync::Arc::new(ManualClock::default()));
    let square = SquareGateway::new(SquareOptions::new(NOWHERE, "secret", "LOCATION"));
    let saferpay = SaferpayOptions::new(NOWHERE, "user", "secret", "123456", "12345678");
    let saferpay = SaferpayGateway::new(saferpay);
    let payu = PayUOptions::new(NOWHERE, "300746", "secret");
    let payu = PayUGateway::new(payu, std::sync::Arc::new(ManualClock::default()));
    let gateways: [&dyn PaymentGateway; 8] = [
        &simulator.expect("good options"),
        &stripe.expect("good options"),
        &adyen.expect("good options"),
        &paypal.expect("good options"),
        &worldpay.expect("good options"),
        &square.expect("good options"),
        &saferpay.expect("good options"),
        &payu.expect("good options"),
    ];
    let mut text = String::from(
        "| connector | an unknown payment is cleared up by | an unknown capture | an unknown refund | \"not found\" is final \
         after | of what is held it captures | captures, voids and refunds end by | an authorization holds | is told of \
         disputes | verifies saved methods by | its settlement reports are asked for by \
         |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for gateway in gateways {
        let can = gateway.capabilities();
        let is_final = can.not_found_is_final_after < NEVER_FINAL;
        let how = |unknown| cleared_up(unknown, is_final);
        let (payment, capture, refund) =
            (how(can.unknown_outcome), how(can.unknown_capture), how(can.unknown_refund));
        let not_found = match can.unknown_outcome {
            UnknownOutcome::Lookup if is_final => shown(can.not_found_is_final_after),
            _ => "never".to_owned(),
        };
        let captures = match (can.partial_capture, can.several_captures) {
            (true, true) => "parts, one after the other",
            (true, false) => "all or a part, once; the rest is let go",
            (false, _) => "all, once",
        };
        let end = if can.ends_by_callback { "their callback" } else { "their answer" };
        let holds = shown(gateway.authorization_life());
        let disputes = if gateway.dispute_replies().is_some() { "evidence, giving in" } else { "by hand" };
        let name = gateway.name();
        let (verifies, reports) = (verifies(gateway), reports_by(gateway));
        let _ = writeln!(
            text,
            "| `{name}` | {payment} | {capture} | {refund} | {not_found} | {captures} | {end} | {holds} | {disputes} | {verifies} | {reports} |"
        );
    }
    hold_section("docs/gateways.md", "gateways", &text);
}

/// How an unknown outcome is cleared up.
fn cleared_up(how: UnknownOutcome, is_final: bool) -> String {
    match how {
        UnknownOutcome::Lookup if is_final => "asking by our reference".to_owned(),
        UnknownOutcome::Lookup => "asking by our reference, else a callback or a person".to_owned(),
        UnknownOutcome::AGAIN => "the same request again".to_owned(),
        UnknownOutcome::Replay { key_life } => format!("the same request again, for {}", shown(key_life)),
        UnknownOutcome::CallbackOnly => "its callback only".to_owned(),
    }
}

/// How it verifies saved methods of any type.
fn verifies(gateway: &dyn PaymentGateway) -> String {
    let Some(checks) = gateway.method_checks() else { return String::new() };
    let any = |kind: &&VerificationKind| MethodType::ALL.iter().any(|of| checks.verifies(**kind, *of));
    let kinds = VerificationKind::ALL.iter().filter(any).map(|kind| format!("`{}`", kind.as_str()));
    kinds.collect::<Vec<_>>().join(", ")
}

/// What its settlement reports are asked for by, where what they need is set.
fn reports_by(gateway: &dyn PaymentGateway) -> &'static str {
    match gateway.settlement_reports().map(|reports| reports.asked_by()) {
        Some(ReportsBy::Time) => "their time",
        Some(ReportsBy::Name) => "their ids",
        None => "",
    }
}
