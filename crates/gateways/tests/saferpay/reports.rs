//! What was handed in to the acquirer.

use tender_domain::kernel::Timestamp;
use tender_domain::ports::{
    GatewayError, PaymentGateway, ReportsBy, SettlementKind, SettlementRequest, SettlementRow,
};
use tender_gateways::SaferpayOptions;

use crate::reported::{HAPPENED, PAGE_SIZE_MAX};
use crate::requests::{approval, authorization, refund_of};
use crate::rig::{Double, VISA, made, options, saferpay};

fn asked(from: &str, until: &str) -> SettlementRequest {
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    SettlementRequest { from: time(from), until: time(until), cursor: None }
}

/// All rows of a time, and how many pages there were.
async fn all(gateway: &dyn PaymentGateway, mut asked: SettlementRequest) -> (Vec<SettlementRow>, usize) {
    let reports = gateway.settlement_reports().expect("they are fetched");
    assert_eq!(reports.asked_by(), ReportsBy::Time);
    let (mut rows, mut pages) = (Vec::new(), 0);
    loop {
        let page = reports.settlement(&asked).await.expect("a page");
        rows.extend(page.rows);
        pages += 1;
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            return (rows, pages);
        }
    }
}

#[tokio::test]
async fn captures_of_payments_and_refunds_are_reported_page_by_page_and_nothing_else() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let sold = approval(&saferpay.authorize(&authorization("att_1", VISA, 1_205, true)).await, 1_205, true);
    approval(&saferpay.authorize(&authorization("att_2", VISA, 700, false)).await, 700, false);
    approval(&saferpay.refund(&refund_of("rf_1", &sold, 205)).await, 205, false);
    approval(&saferpay.authorize(&authorization("att_3", VISA, 300, true)).await, 300, true);
    let day = asked("2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z");
    let (rows, pages) = all(&saferpay, day).await;
    assert_eq!(pages, 4_usize.div_ceil(PAGE_SIZE_MAX));
    let told: Vec<_> =
        rows.iter().map(|row| (row.kind, row.net.minor(), row.reference.as_deref().unwrap_or(""))).collect();
    let wanted = [
        (SettlementKind::Charge, 1_205, "sale:sandbox:att_1"),
        (SettlementKind::Refund, -205, "refund:sandbox:rf_1"),
        (SettlementKind::Charge, 300, "sale:sandbox:att_3"),
    ];
    assert_eq!(told, wanted, "what is only held was not handed in");
    assert_eq!(rows[0].gateway_reference.as_deref(), Some(sold.as_str()));
    assert_eq!(rows[0].booked_at, format!("{HAPPENED}Z").parse::<Timestamp>().expect("a time"));
    assert!(rows.iter().all(|row| row.fee.is_zero() && row.gross == row.net && row.payout.is_none()));
}

#[tokio::test]
async fn each_capture_is_in_one_of_two_times_that_follow_each_other() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    approval(&saferpay.authorize(&authorization("att_1", VISA, 100, true)).await, 100, true);
    for (until, before) in [("10:00:00.250Z", 0), ("10:00:00.251Z", 1), ("10:01:00Z", 1)] {
        let until = format!("2026-11-29T{until}");
        let first = all(&saferpay, asked("2026-11-29T09:00:00Z", &until)).await.0.len();
        let second = all(&saferpay, asked(&until, "2026-11-29T11:00:00Z")).await.0.len();
        assert_eq!((first, second), (before, 1 - before), "{until}");
    }
}

#[tokio::test]
async fn a_day_that_is_not_over_and_a_wrong_password_are_refused() {
    let double = Double::start();
    let today = asked("2026-11-29T00:00:00Z", "2026-11-30T00:01:01Z");
    let wrong = SaferpayOptions { password: "another".into(), ..options(&double) };
    for (gateway, asked) in [
        (saferpay(&double), today.clone()),
        (made(wrong), asked("2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z")),
        (saferpay(&double), SettlementRequest { cursor: Some("next".into()), ..today }),
    ] {
        let reports = gateway.settlement_reports().expect("they are fetched");
        let refused = reports.settlement(&asked).await;
        assert!(matches!(refused, Err(GatewayError::NotDone(_))), "{refused:?}");
        let named = reports.named("report").await;
        assert!(matches!(named, Err(GatewayError::NotDone(_))), "{named:?}");
    }
}
