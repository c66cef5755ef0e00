//! The page that a hotel's guest comes back to, in the guest's language.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::gateway::Fault;
use crate::hotels::{PAYMENTS, at_the_page};
use crate::links::{Page, browse};
use crate::reservations::{percentage, reserve, wanted};
use crate::rig::{Answer, Process, World};

/// A reservation of 90.00 EUR in advance, whose guest speaks this language or has told none.
async fn booked(process: &Process, locale: &Value) -> Answer {
    percentage(process).await;
    let mut body = wanted("GUEST_BOOKING");
    body["guest"]["locale"] = locale.clone();
    reserve(process, &body).await
}

async fn back(process: &Process, payment: &str, accepted: &str) -> Page {
    let path = format!("{PAYMENTS}/{payment}/return?result=success");
    browse(process, TestRequest::get().uri(&path).insert_header(("accept-language", accepted))).await
}

#[tokio::test]
async fn who_comes_back_is_told_in_their_language_what_became_of_it() {
    for (locale, accepted, tag, unfinished, paid, amount) in [
        (json!("de-CH"), "fr", "de", "Es ist noch nicht bezahlt", "Danke, es ist bezahlt", "90,00 EUR"),
        (json!("fr"), "de", "fr", "Ce n’est pas encore payé", "Merci", "90,00 EUR"),
        (json!("es"), "de", "es", "Todavía no está pagado", "Gracias", "90,00 EUR"),
        (json!("it"), "de", "it", "Non è ancora pagato", "Grazie", "90,00 EUR"),
        (json!("nl"), "de", "nl", "Het is nog niet betaald", "Bedankt, het is betaald", "90,00 EUR"),
        (Value::Null, "da, nl;q=0.8", "nl", "Het is nog niet betaald", "Bedankt", "90,00 EUR"),
        (json!("pt"), "*", "en", "It is not paid yet", "Thank you, it is paid", "90.00 EUR"),
    ] {
        let world = World::new();
        let process = world.process();
        let asked = booked(&process, &locale).await;
        let payment = asked.text("payment_id");
        let tag = format!("<html lang=\"{tag}\">");
        let early = back(&process, payment, accepted).await;
        early.shows(&tag).shows(unfinished).shows(asked.text("redirect_url"));
        assert!(at_the_page(&world, &asked, "success").await);
        back(&process, payment, accepted).await.shows(&tag).shows(paid).shows(amount);
    }
}

#[tokio::test]
async fn what_was_not_paid_is_not_there_or_is_not_known_is_told_in_their_language_too() {
    let world = World::new();
    let process = world.process();
    let asked = booked(&process, &json!("de")).await;
    let payment = asked.text("payment_id");
    assert!(at_the_page(&world, &asked, "failed").await);
    let failed = back(&process, payment, "en").await;
    failed.shows("Die Zahlung war nicht möglich").shows("fragen Sie das Hotel");
    let lost = back(&process, "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203", "it").await;
    assert_eq!(lost.status, 404);
    assert!(lost.html.contains("<html lang=\"it\">") && lost.html.contains("Qui non"), "{}", lost.html);

    let world = World::new();
    let process = world.process();
    let asked = booked(&process, &json!("nl")).await;
    assert!(at_the_page(&world, &asked, "success").await);
    world.line.set(Fault::LosesAnswer);
    let waiting = back(&process, asked.text("payment_id"), "en").await;
    waiting.shows("<html lang=\"nl\">").shows("We wachten op uw bank").shows("http-equiv=\"refresh\"");
}
