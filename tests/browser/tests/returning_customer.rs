//! What a customer who follows a payment link sees, from the link to the ledger, on a phone.

use anyhow::ensure;
use serde_json::{Value, json};
use tender_browser::{Browser, Screen};
use tender_e2e::{System, Tenant, eventually, unique};

const LINKS: &str = "/v1/payments/payment-links";

/// The published test card for a token.
async fn card(shop: &Tenant, token: &str) -> String {
    let cards = shop.api.get("/v1/payments/test/cards").await.expect(200);
    let all = cards["data"].as_array().expect("a list").iter();
    let number = all.filter(|card| card["token"] == token).find_map(|card| card["number"].as_str());
    number.unwrap_or_else(|| panic!("no card is published for {token}: {cards}")).to_owned()
}

async fn link(shop: &Tenant, order: &str) -> Value {
    let wanted = json!({
        "amount": 15_000, "currency": "EUR", "description": "Deposit for your stay at Hotel Seeblick",
        "order_ref": order, "guest": {"name": "Ada Example", "email": "ada@example.com"},
        "details": [{"label": "Arrival", "value": "2027-05-01"}, {"label": "Departure", "value": "2027-05-04"},
                    {"label": "Room", "value": "Double room with a view of the lake, breakfast included"}],
    });
    shop.api.post(LINKS, &wanted).await.expect(201)
}

async fn enter(browser: &Browser, number: &str) -> anyhow::Result<()> {
    browser.fill("Card number", number).await?;
    browser.fill("Expiry date", "12/39").await?;
    browser.fill("Security code", "123").await?;
    browser.fill("Name on the card", "Ada Example").await?;
    browser.press("Continue").await
}

async fn seen(browser: &Browser, heading: &str, shot: &str) -> anyhow::Result<()> {
    browser.shows(heading).await?;
    browser.shot(shot).await?;
    browser.looks_good().await
}

async fn pays_with_a_challenge(system: &System, browser: &Browser) -> anyhow::Result<()> {
    let shop = system.tenant();
    let order = unique("R");
    let made = link(&shop, &order).await;
    let address = made["url"].as_str().expect("an address");

    // A card that is refused first: the customer returns to the form, and is told why.
    browser.open(address).await?;
    seen(browser, "How do you want to pay?", "form").await?;
    let shown = browser.text().await?;
    ensure!(
        shown.contains("150.00") && shown.contains("Hotel Seeblick"),
        "what is paid is not shown:\n{shown}"
    );
    enter(browser, &card(&shop, "tok_insufficient_funds").await).await?;
    seen(browser, "Look it over and pay", "review").await?;
    browser.press("Pay 150.00 EUR").await?;
    seen(browser, "How do you want to pay?", "declined").await?;
    ensure!(browser.text().await?.contains("Nothing was charged"), "the decline is not told");

    // Another card, for which the bank wants to be sure; the customer leaves, and returns by the link.
    enter(browser, &card(&shop, "tok_challenge").await).await?;
    browser.shows("Look it over and pay").await?;
    browser.press("Pay 150.00 EUR").await?;
    seen(browser, "One more step", "challenge").await?;
    browser.open("about:blank").await?;
    browser.open(address).await?;
    seen(browser, "One more step", "returned").await?;
    browser.press("Continue to your bank").await?;
    browser.shot("bank").await?;
    browser.press("Approve the payment").await?;
    browser.press("Back to the shop").await?;
    seen(browser, "Thank you, it is paid", "paid").await?;
    ensure!(browser.address().await?.starts_with(address), "not at the link's page");

    // Who comes once more is not asked for money again.
    browser.open(address).await?;
    browser.shot("again").await?;
    ensure!(!browser.text().await?.contains("Card number"), "a paid link asks for a card");

    // Event and ledger.
    let told = eventually("the payment is told", || async {
        let told = system.events(&shop.name, "payment.processed");
        (!told.is_empty()).then_some(told)
    })
    .await;
    ensure!(told.len() == 1, "told {} times", told.len());
    let event = told[0].json();
    ensure!((&event["orderId"], &event["amountMinor"]) == (&json!(order), &json!(15_000)), "{event}");
    eventually("the ledger has it", || async {
        (shop.account("liability:merchant:ma_default:payable", "EUR").await == (0, 15_000)).then_some(())
    })
    .await;
    let path = format!("{LINKS}/{}", made["id"].as_str().expect("an id"));
    ensure!(shop.api.get(&path).await.expect(200)["status"] == "completed", "the link is not completed");
    Ok(())
}

async fn pays_by_a_hotels_deposit_page(system: &System, browser: &Browser) -> anyhow::Result<()> {
    let shop = system.tenant();
    let wanted = json!({
        "reservation_id": unique("R"), "hotel_id": "hotel-1", "amount": 120.50, "currency": "EUR",
        "guest": {"name": "Ada Example"}, "booking_reference": "ABC123", "channel": "GUEST_BOOKING",
        "success_url": system.api.edge().url("/livez"), "failure_url": system.api.edge().url("/livez?failed"),
    });
    let begun = shop.api.post("/hotels/payments", &wanted).await.expect(201);
    browser.open(begun["redirect_url"].as_str().expect("a page")).await?;
    browser.shot("gateway").await?;
    browser.press("Pay").await?;
    browser.press("Back to the shop").await?;
    let record = format!("/hotels/payments/{}", begun["payment_id"].as_str().expect("an id"));
    eventually("the payment is completed by who came back", || async {
        (shop.api.get(&record).await.expect(200)["status"] == "COMPLETED").then_some(())
    })
    .await;
    ensure!(browser.address().await?.ends_with("/livez"), "the guest is at {}", browser.address().await?);
    Ok(())
}

/// Elsewhere than by card, in German: back without paying, then by a code, paid at the bank.
async fn pays_elsewhere_in_german(system: &System, browser: &Browser, screen: &str) -> anyhow::Result<()> {
    let shop = system.tenant();
    let wanted = json!({
        "amount": 1_234_567, "currency": "EUR", "order_ref": unique("R"),
        "description": "Anzahlung für Ihren Aufenthalt im Donaudampfschifffahrtsgesellschaftskapitänshotel",
        "guest": {"name": "Ada Example", "locale": "de-CH"},
        "details": [{"label": "Zimmerausstattungswunsch", "value": "Doppelzimmer mit Seeblick und Frühstück"}],
    });
    let made = shop.api.post(LINKS, &wanted).await.expect(201);
    let address = made["url"].as_str().expect("an address");
    let shot = |name: &str| format!("{screen}-de-{name}");
    browser.open(address).await?;
    seen(browser, "Wie möchten Sie bezahlen?", &shot("ways")).await?;
    ensure!(browser.text().await?.contains("12.345,67"), "the amount is not written as in German");
    browser.press("iDEAL").await?;
    seen(browser, "Noch ein Schritt", &shot("step")).await?;
    browser.press("Weiter zu iDEAL").await?;
    browser.press("Go back without paying").await?;
    browser.press("Back to the shop").await?;
    seen(browser, "Wie möchten Sie bezahlen?", &shot("unpaid")).await?;
    ensure!(browser.text().await?.contains("ohne zu bezahlen"), "that it was not paid is not told");
    browser.press("PayPal: QR-Code").await?;
    seen(browser, "Noch ein Schritt", &shot("code")).await?;
    browser.press("Weiter zu PayPal").await?;
    browser.press("Pay").await?;
    browser.press("Back to the shop").await?;
    seen(browser, "Danke, es ist bezahlt", &shot("paid")).await?;
    let path = format!("{LINKS}/{}", made["id"].as_str().expect("an id"));
    ensure!(shop.api.get(&path).await.expect(200)["status"] == "completed", "the link is not completed");
    Ok(())
}

async fn what_is_over_says_so(system: &System, browser: &Browser) -> anyhow::Result<()> {
    let shop = system.tenant();
    let made = link(&shop, &unique("R")).await;
    let address = made["url"].as_str().expect("an address");
    browser.open(address).await?;
    seen(browser, "How do you want to pay?", "form").await?;
    enter(browser, "4242 4242 4242 4243").await?;
    seen(browser, "How do you want to pay?", "wrong-number").await?;
    let path = format!("{LINKS}/{}/cancel", made["id"].as_str().expect("an id"));
    let _ = shop.api.post(&path, &json!({})).await.expect(200);
    browser.open(address).await?;
    seen(browser, "This link was withdrawn", "withdrawn").await?;
    browser.open(&format!("{address}x")).await?;
    seen(browser, "There is no payment here", "unknown").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium and chromedriver, and builds tender: run `make browser`"]
async fn a_returning_customer_pays_on_a_phone_without_scripts() {
    let system = System::all_in_one(&[]).await.unwrap_or_else(|error| panic!("{error:#}"));
    let browser = Browser::start(Screen::PHONE).await.unwrap_or_else(|error| panic!("{error:#}"));
    pays_with_a_challenge(&system, &browser).await.unwrap_or_else(|error| panic!("{error:#}"));
    pays_by_a_hotels_deposit_page(&system, &browser).await.unwrap_or_else(|error| panic!("{error:#}"));
    pays_elsewhere_in_german(&system, &browser, "phone").await.unwrap_or_else(|error| panic!("{error:#}"));
    browser.close().await.unwrap_or_else(|error| panic!("{error:#}"));
    let narrow = Browser::start(Screen::NARROW).await.unwrap_or_else(|error| panic!("{error:#}"));
    what_is_over_says_so(&system, &narrow).await.unwrap_or_else(|error| panic!("{error:#}"));
    pays_elsewhere_in_german(&system, &narrow, "narrow").await.unwrap_or_else(|error| panic!("{error:#}"));
    narrow.close().await.unwrap_or_else(|error| panic!("{error:#}"));
    let desktop = Browser::start(Screen::DESKTOP).await.unwrap_or_else(|error| panic!("{error:#}"));
    pays_elsewhere_in_german(&system, &desktop, "desktop").await.unwrap_or_else(|error| panic!("{error:#}"));
    desktop.close().await.unwrap_or_else(|error| panic!("{error:#}"));
    let report = system.check().await.unwrap_or_else(|error| panic!("{error:#}"));
    assert!(!report.is_empty());
}
