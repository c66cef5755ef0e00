//! The page behind a link, and the message that brings it, in the customer's language.

use actix_web::test::TestRequest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::links::{LINKS, Page, browse, get, link, post, sent, wanted};
use crate::rig::{Process, World};

fn in_language(locale: Value) -> Value {
    let mut body = wanted();
    body["amount"] = json!(123_456);
    body["guest"]["locale"] = locale;
    body
}

async fn with_header(process: &Process, path: &str, accepted: &str) -> Page {
    browse(process, TestRequest::get().uri(path).insert_header(("accept-language", accepted))).await
}

#[tokio::test]
async fn the_links_language_comes_first_then_the_browsers_then_english() {
    let world = World::new();
    let process = world.process();
    for (number, (locale, accepted, tag, heading, amount)) in [
        (json!("de-AT"), "fr", "de", "Wie möchten Sie bezahlen?", "1.234,56"),
        (json!("nl"), "fr", "nl", "Hoe wilt u betalen?", "1.234,56"),
        (Value::Null, "da, fr-CH;q=0.9, en;q=0.1", "fr", "Comment souhaitez-vous payer ?", "1\u{202f}234,56"),
        (json!("pt-BR"), "es", "es", "¿Cómo quiere pagar?", "1.234,56"),
        (Value::Null, "it;q=0.5", "it", "Come vuole pagare?", "1.234,56"),
        (json!("xx"), "*", "en", "How do you want to pay?", "1,234.56"),
    ]
    .into_iter()
    .enumerate()
    {
        let (_, path) = link(&process, &format!("k{number}"), in_language(locale)).await;
        let page = with_header(&process, &path, accepted).await;
        page.shows(&format!("<html lang=\"{tag}\">")).shows(heading).shows(amount);
    }
    // Where there is no link there is a browser.
    let lost = with_header(&process, "/pay/x", "de").await;
    assert_eq!(lost.status, 404);
    assert!(lost.html.contains("<html lang=\"de\">") && lost.html.contains("Seite nicht gefunden"));
}

#[tokio::test]
async fn every_step_speaks_the_language_and_no_word_of_the_gateways_own() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", in_language(json!("de"))).await;
    let nonce = sent(&world, &process, (&made, &path), "tok_insufficient_funds").await;
    let review = get(&process, &format!("{path}/review?form={nonce}")).await;
    review.shows("Prüfen und bezahlen").shows("1.234,56 EUR bezahlen");
    let declined = post(&process, &format!("{path}/confirm"), &nonce).await;
    let page = get(&process, &declined.to).await;
    page.shows("Das Guthaben reicht nicht").shows("Es wurde nichts abgebucht");
    assert!(!page.html.contains("not enough"), "{}", page.html);
    let nonce = sent(&world, &process, (&made, &path), "tok_challenge").await;
    let asked = post(&process, &format!("{path}/confirm"), &nonce).await;
    get(&process, &asked.to).await.shows("Noch ein Schritt").shows("Weiter zu Ihrer Bank");
    let returned = get(&process, &format!("{path}/return?form={nonce}&result=success")).await;
    get(&process, &returned.to).await.shows("Danke, es ist bezahlt").shows("1.234,56 EUR erhalten");
    world.check_books().await;
}

#[tokio::test]
async fn the_message_that_brings_a_link_is_in_its_language() {
    let world = World::new();
    let process = world.process();
    for (locale, subject, says) in [
        (json!("de"), "Deposit <b>: 1.234,56 EUR zu bezahlen", "Guten Tag Ann,"),
        (json!("fr-FR"), "Deposit <b> : 1\u{202f}234,56 EUR à payer", "Bonjour Ann,"),
        (Value::Null, "Deposit <b>: 1,234.56 EUR to pay", "Dear Ann,"),
    ] {
        let key = says.split_whitespace().collect::<String>();
        let (made, path) = link(&process, &key, in_language(locale)).await;
        let body = json!({ "channels": ["email"] });
        let sent = process.post(&format!("{LINKS}/{}/send", made.text("id")), &key, body).await;
        assert!(sent.status < 300, "{}", sent.json);
        process.send_links().await;
        let taken = world.mailer.taken();
        let notice = taken.last().expect("it was sent");
        assert_eq!(notice.subject, subject);
        let text = notice.text.expose_secret();
        assert!(text.contains(says) && text.contains(&path), "{text}");
    }
}
