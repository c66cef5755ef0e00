use secrecy::SecretString;
use tender_domain::kernel::NotificationId;
use tender_domain::ports::{Notice, Notifier, NotifyError};
use tender_gateways::SmsFolder;
use uuid::Uuid;

#[tokio::test]
async fn a_text_message_is_one_whole_file_and_the_same_when_it_is_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let notifier = SmsFolder::new(folder.path().to_owned());
    let notice = |to: &str| Notice {
        id: NotificationId::from_uuid(Uuid::from_u128(7)),
        to: to.to_owned(),
        subject: "not shown".to_owned(),
        text: SecretString::from("150.00 EUR to pay. https://pay.example/pay/abc"),
    };
    for _ in 0..2 {
        notifier.send(&notice("+49 30 1234")).await.expect("it is taken");
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).expect("it can be listed").flatten().collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(files[0].path()).expect("it can be read");
    assert_eq!(text, "To: +49 30 1234\n\n150.00 EUR to pay. https://pay.example/pay/abc\n");
    let wrong = notifier.send(&notice("../evil")).await;
    assert!(matches!(wrong, Err(NotifyError::Refused(_))), "{wrong:?}");
    let nowhere = SmsFolder::new(folder.path().join("not there")).send(&notice("+1")).await;
    assert!(matches!(nowhere, Err(NotifyError::Unavailable(_))), "{nowhere:?}");
}
