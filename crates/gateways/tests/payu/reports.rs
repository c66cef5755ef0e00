//! Statements.

use std::io::{Cursor, Write as _};

use tender_domain::ports::{
    GatewayError, PaymentGateway, ReportsBy, SettlementKind, SettlementPage, SettlementRequest,
};
use tender_gateways::{PayUGateway, PayUOptions};
use tender_testkit::ManualClock;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::rig::{Double, at, made, options, payu};

const STATEMENT: &str = "4a3534fb-85b5-4f29-9da8-a6d73b34d528";

/// An archive of one table.
fn archive(table: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("statement.csv", SimpleFileOptions::default()).expect("it is begun");
    archive.write_all(table).expect("it is written");
    archive.finish().expect("it is whole").into_inner()
}

async fn named(payu: &PayUGateway, report: &str) -> Result<SettlementPage, GatewayError> {
    let reports = payu.settlement_reports().expect("they are fetched");
    assert_eq!(reports.asked_by(), ReportsBy::Name);
    reports.named(report).await
}

#[tokio::test]
async fn a_statement_is_fetched_by_its_id_and_read_by_the_names_of_its_columns() {
    let double = Double::start();
    let table = "Data;Trans ID;Kwota;Currency;Type of operation;Order ID;Commission\n\
        2026-03-01;45;12,05;PLN;t;sale/sandbox/att_1;0,24\n2026-03-01;45;-2,05;PLN;c;sale/sandbox/att_1;\n";
    double.kept().rules.statements.insert(STATEMENT.to_owned(), archive(table.as_bytes()));
    let polish = Some("amount=Kwota; date=Data".to_owned());
    let polish = made(PayUOptions { statement_columns: polish, ..options(&double) });
    for _ in 0..2 {
        let page = named(&polish, STATEMENT).await.expect("a statement");
        let told: Vec<_> = page.rows.iter().map(|row| (row.kind, row.net.minor(), row.fee.minor())).collect();
        assert_eq!(told, [(SettlementKind::Charge, 1_181, 24), (SettlementKind::Refund, -205, 0)]);
        assert_eq!((page.rows[1].reference.as_deref(), page.next), (Some("sale/sandbox/att_1"), None));
        // The next time in a new session.
        double.kept().rules.sessions += 1;
    }
    let english = named(&payu(&double), STATEMENT).await;
    assert!(
        matches!(english, Err(GatewayError::Unknown(_))),
        "its columns are called otherwise: {english:?}"
    );
}

#[tokio::test]
async fn what_is_no_statement_is_refused_and_what_cannot_be_read_is_not_known() {
    let double = Double::start();
    let payu = payu(&double);
    for none in ["69e45495", "../orders", ""] {
        let refused = named(&payu, none).await;
        assert!(matches!(refused, Err(GatewayError::NotDone(_))), "{none}: {refused:?}");
    }
    let reports = payu.settlement_reports().expect("they are fetched");
    let asked = SettlementRequest { from: at(0), until: at(1), cursor: None };
    let by_time = reports.settlement(&asked).await;
    assert!(matches!(by_time, Err(GatewayError::NotDone(_))), "{by_time:?}");
    for (name, body) in [("text", b"Date;Amount".to_vec()), ("bomb", archive(&vec![b'0'; 9 * 1024 * 1024]))] {
        double.kept().rules.statements.insert(name.to_owned(), body);
        let unread = named(&payu, name).await;
        assert!(matches!(unread, Err(GatewayError::Unknown(_))), "{name}: {unread:?}");
    }
}

#[test]
fn columns_that_are_not_known_are_refused_when_they_are_set() {
    let wrong = PayUOptions {
        statement_columns: Some("sum=Kwota".to_owned()),
        ..PayUOptions::new("https://secure.payu.com", "300746", "secret")
    };
    let refused = PayUGateway::new(wrong, std::sync::Arc::new(ManualClock::default())).err();
    assert_eq!(refused.map(|refused| refused.option), Some("statement_columns"));
}
