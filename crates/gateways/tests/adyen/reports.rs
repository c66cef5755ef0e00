//! The settlement details reports.

use tender_domain::kernel::Timestamp;
use tender_domain::ports::{
    GatewayError, PaymentGateway as _, SettlementKind, SettlementReports, SettlementRequest,
};
use tender_gateways::{AdyenGateway, AdyenOptions, AdyenReports};

use crate::double::{Double, MERCHANT, REPORT_KEY};
use crate::rig::options;

const HEAD: &str = "Psp Reference,Merchant Reference,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,\
    Gross Debit (GC),Gross Credit (GC),Net Currency,Net Debit (NC),Net Credit (NC)\n";

fn place(batch: u32) -> String {
    format!("MerchantAccount/{MERCHANT}/settlement_detail_report_batch_{batch}.csv")
}

/// Batches of one payment and its payout each, a day apart: batch 7 is of the seventh of March.
fn settle(double: &Double, batches: std::ops::RangeInclusive<u32>) {
    for batch in batches {
        let day = format!("2026-03-{batch:02}");
        let csv = format!(
            "{HEAD}PSPPAY000000{batch:04},sale/sandbox/att_{batch},{day} 10:00:00,CET,Settled,PSPCAP{batch:010},EUR,,10.00,\
             EUR,,9.70\n,,{day} 12:00:00,CET,MerchantPayout,TX{batch}XT,EUR,,,EUR,9.70,\n"
        );
        double.books().reports.insert(place(batch), csv);
    }
}

fn adyen(double: &Double, key: &str, first_batch: u32) -> AdyenGateway {
    let base = format!("http://127.0.0.1:{}", double.port);
    let reports = Some(AdyenReports { base, key: key.into(), first_batch });
    AdyenGateway::new(AdyenOptions { reports, ..options(double) }).expect("good options")
}

fn asked(from: &str, until: &str, cursor: Option<String>) -> SettlementRequest {
    let day = |day: &str| format!("{day}T00:00:00Z").parse::<Timestamp>().expect("a day");
    SettlementRequest { from: day(from), until: day(until), cursor }
}

/// The ids of all rows of a time, and how many pages there were.
async fn all(reports: &dyn SettlementReports, from: &str, until: &str) -> (Vec<String>, usize) {
    let (mut ids, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = reports.settlement(&asked(from, until, cursor)).await.expect("a page");
        ids.extend(page.rows.into_iter().map(|row| row.id));
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            return (ids, pages);
        }
    }
}

#[tokio::test]
async fn the_movements_of_a_time_come_from_the_newest_batch_back_and_no_further() {
    let double = Double::start();
    settle(&double, 3..=25);
    let adyen = adyen(&double, REPORT_KEY, 3);
    let reports = adyen.settlement_reports().expect("they are set up");
    let (ids, pages) = all(reports, "2026-03-22", "2026-03-25").await;
    let wanted = [24, 23, 22].iter().flat_map(|batch| {
        [format!("{batch}/Settled/PSPCAP{batch:010}"), format!("{batch}/MerchantPayout/TX{batch}XT")]
    });
    assert_eq!((ids, pages), (wanted.collect(), 5), "25 is too late, and at 21 it is over");
    let page =
        reports.settlement(&asked("2026-03-01", "2026-03-31", Some("3".to_owned()))).await.expect("a page");
    assert_eq!((page.rows[0].kind, page.rows[0].fee.minor()), (SettlementKind::Charge, 30));
    assert_eq!(page.rows[0].gateway_reference.as_deref(), Some("PSPPAY0000000003"));
    assert_eq!(page.next, None, "the first batch is the last page");
}

#[tokio::test]
async fn the_newest_batch_is_found_with_few_questions_wherever_it_is() {
    for newest in [3_u32, 4, 10, 31] {
        let double = Double::start();
        settle(&double, 3..=newest);
        let adyen = adyen(&double, REPORT_KEY, 3);
        let reports = adyen.settlement_reports().expect("they are set up");
        let page = reports.settlement(&asked("2026-03-01", "2026-04-01", None)).await.expect("a page");
        assert_eq!(page.rows[0].payout, Some(newest.to_string()));
        let questions = double.books().reports_asked.len();
        assert!(questions <= 12, "{questions} questions for batch {newest}");
    }
    let double = Double::start();
    let adyen = adyen(&double, REPORT_KEY, 1);
    let reports = adyen.settlement_reports().expect("they are set up");
    let page = reports.settlement(&asked("2026-03-01", "2026-04-01", None)).await.expect("a page");
    assert!(page.rows.is_empty() && page.next.is_none(), "there is no report yet");
}

#[tokio::test]
async fn a_wrong_key_or_cursor_is_refused_and_without_a_key_there_are_no_reports() {
    let double = Double::start();
    settle(&double, 1..=2);
    let wrong = adyen(&double, "another", 1);
    let reports = wrong.settlement_reports().expect("they are set up");
    for cursor in [None, Some("1".to_owned()), Some("first".to_owned())] {
        let refused = reports.settlement(&asked("2026-03-01", "2026-03-31", cursor)).await;
        assert!(matches!(refused, Err(GatewayError::NotDone(_))), "{refused:?}");
    }
    let without = AdyenGateway::new(options(&double)).expect("good options");
    assert!(without.settlement_reports().is_none());
}
