use secrecy::SecretString;
use tender_domain::kernel::NotificationId;
use tender_domain::ports::{Notice, Notifier, NotifyError};
use tender_gateways::SmtpNotifier;
use uuid::Uuid;

use crate::mail_server::MailServer;

fn notice(to: &str) -> Notice {
    Notice {
        id: NotificationId::from_uuid(Uuid::from_u128(7)),
        to: to.to_owned(),
        subject: "Ihre Anzahlung für Zimmer 3".to_owned(),
        text: SecretString::from("please pay\n\nhttps://pay.example/pay/abc\n"),
    }
}

fn notifier(port: u16) -> SmtpNotifier {
    let url = SecretString::from(format!("smtp://127.0.0.1:{port}"));
    SmtpNotifier::new(&url, "Hotel Seeblick <pay@hotel.example>").expect("good settings")
}

#[tokio::test]
async fn a_message_is_handed_over_with_its_sender_recipient_and_id() {
    let server = MailServer::start("250 ok").await;
    notifier(server.port).send(&notice("Ann <ann@example.org>")).await.expect("it is taken");
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].from.contains("<pay@hotel.example>"), "{:?}", taken[0]);
    assert!(taken[0].to.contains("<ann@example.org>"), "{:?}", taken[0]);
    let data = &taken[0].data;
    for part in [
        "Message-ID: <ntf_00000000000000000000000007@hotel.example>",
        "From: \"Hotel Seeblick\" <pay@hotel.example>",
        "https://pay.example/pay/abc",
        "text/plain",
    ] {
        assert!(data.contains(part), "{part}: {data}");
    }
}

#[tokio::test]
async fn a_permanent_refusal_is_final_and_anything_else_is_for_later() {
    let refusing = MailServer::start("550 no such mailbox").await;
    let refused = notifier(refusing.port).send(&notice("ann@example.org")).await;
    assert!(matches!(refused, Err(NotifyError::Refused(_))), "{refused:?}");
    let busy = MailServer::start("451 try later").await;
    let later = notifier(busy.port).send(&notice("ann@example.org")).await;
    assert!(matches!(later, Err(NotifyError::Unavailable(_))), "{later:?}");
    let nobody = notifier(1).send(&notice("ann@example.org")).await;
    assert!(matches!(nobody, Err(NotifyError::Unavailable(_))), "{nobody:?}");
    let wrong = notifier(refusing.port).send(&notice("not an address")).await;
    assert!(matches!(wrong, Err(NotifyError::Refused(_))), "{wrong:?}");
    assert!(refusing.taken().is_empty() && busy.taken().is_empty());
}

#[tokio::test]
async fn settings_that_lead_to_no_server_are_refused_without_their_password() {
    let secret = SecretString::from("ftp://user:hunter2@host");
    let error = SmtpNotifier::new(&secret, "pay@hotel.example").err().expect("no mail server").to_string();
    assert!(error.contains("smtp_url") && !error.contains("hunter2"), "{error}");
    let good = SecretString::from("smtp://127.0.0.1");
    let error = SmtpNotifier::new(&good, "nobody").err().expect("no sender").to_string();
    assert!(error.contains("smtp_from"), "{error}");
}
