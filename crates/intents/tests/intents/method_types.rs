//! Payments by saved methods of every type, and by cards that expired.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::json;
use tender_domain::kernel::{MethodId, TenantId};
use tender_domain::ports::{ChargeableMethod, MethodLookupError, MethodVault};
use tender_domain::vault::MethodType;
use uuid::Uuid;

use crate::connectors::api::{CONNECTORS, RULES, registered};
use crate::rig::{CUSTOMER, INTENTS, World, payment, unconfirmed, with};
use crate::vault::TestMethods;

/// From here on a method for each type, in their order, with the simulator's test token.
const TYPES: u128 = 10_000;
/// A card whose last month was February 2026.
const EXPIRED: u128 = 20_000;

/// A card that the merchant account `ma_paris` alone may charge.
const OF_PARIS: u128 = 30_000;

/// The vault of tests with one more method for each type, and one that expired.
struct EveryType;

#[async_trait]
impl MethodVault for EveryType {
    async fn method_for_charge(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let visa = TestMethods.method_for_charge(tenant, MethodId::from_uuid(Uuid::from_u128(1))).await?;
        let number = id.uuid().as_u128();
        if number == EXPIRED {
            return Ok(ChargeableMethod { id, exp_month: Some(2), exp_year: Some(2026), ..visa });
        }
        if number == OF_PARIS {
            return Ok(ChargeableMethod { id, merchant_account_id: Some("ma_paris".to_owned()), ..visa });
        }
        let place = number.checked_sub(TYPES).and_then(|place| usize::try_from(place).ok());
        let Some(method_type) = place.and_then(|place| MethodType::ALL.get(place)) else {
            return TestMethods.method_for_charge(tenant, id).await;
        };
        let token = match method_type {
            MethodType::Card => "tok_visa".to_owned(),
            other => format!("tok_{}", other.as_str()),
        };
        let is_account = matches!(method_type, MethodType::BankAccount | MethodType::SepaDebit);
        Ok(ChargeableMethod {
            id,
            account_country: is_account.then(|| "DE".to_owned()),
            method_type: method_type.as_str().to_owned(),
            tokens: vec![("simulator".to_owned(), SecretString::from(token))],
            ..visa
        })
    }
}

fn of(number: u128) -> String {
    MethodId::from_uuid(Uuid::from_u128(number)).to_string()
}

fn of_type(wanted: MethodType) -> String {
    let place = MethodType::ALL.iter().position(|found| *found == wanted).expect("a type");
    of(TYPES + place as u128)
}

#[tokio::test]
async fn a_method_of_every_type_pays_at_the_simulator() {
    let world = World::new();
    let process = world.process_over(Arc::new(EveryType));
    for method_type in MethodType::ALL {
        let body = with(payment("tok_visa"), "payment_method_id", of_type(*method_type));
        let paid = process.post(INTENTS, method_type.as_str(), with(body, "currency", "EUR")).await;
        paid.is(201, "succeeded");
    }
    assert_eq!(world.booked().await.len(), MethodType::ALL.len());
    world.check_books().await;
}

#[tokio::test]
async fn a_method_of_a_merchant_account_pays_for_no_other() {
    let world = World::new();
    let process = world.process_over(Arc::new(EveryType));
    let body = |merchant: &str| {
        let body = with(payment("tok_visa"), "payment_method_id", of(OF_PARIS));
        with(body, "merchant_account_id", merchant)
    };
    let refused = process.post(INTENTS, "a", body("ma_lyon")).await;
    refused.is_problem(422, "payment_method_of_another_merchant_account");
    let lyon =
        process.post(INTENTS, "b", with(unconfirmed("tok_visa"), "merchant_account_id", "ma_lyon")).await;
    for way in ["attach-method", "confirm"] {
        let path = format!("{INTENTS}/{}/{way}", lyon.text("id"));
        let refused = process.post(&path, way, json!({ "payment_method_id": of(OF_PARIS) })).await;
        refused.is_problem(422, "payment_method_of_another_merchant_account");
    }
    assert_eq!(world.line.calls(), 0, "no gateway was asked");
    process.post(INTENTS, "c", body("ma_paris")).await.is(201, "succeeded");
}

#[actix_web::test]
async fn a_bank_account_is_routed_by_where_it_is_held() {
    let world = World::new();
    let process = world.process_over(Arc::new(EveryType));
    for (name, priority) in [("first", 10), ("german", 5)] {
        registered(&process, json!({ "name": name, "type": "simulator", "priority": priority })).await;
    }
    let connectors = process.get(CONNECTORS).await.json;
    let rule = json!({ "match": { "country": "DE" }, "connector_id": connectors["data"][1]["id"] });
    assert_eq!(process.post(RULES, "germans", rule).await.status, 201);
    for (method_type, at) in [(MethodType::BankAccount, "german"), (MethodType::Card, "first")] {
        let method = of_type(method_type);
        let body = with(payment("tok_visa"), "payment_method_id", method.clone());
        process.post(INTENTS, at, body).await.is(201, "succeeded");
        assert_eq!(world.intents().await[0].attempts[0].connector, at, "{method_type:?}");
        let would =
            json!({ "amount": 100, "currency": "EUR", "payment_method_id": method, "customer_id": CUSTOMER });
        let told = process.post(&format!("{RULES}/evaluate"), &format!("evaluate-{at}"), would).await.json;
        assert_eq!(told["considered"][0]["name"], at, "{told}");
    }
}

#[tokio::test]
async fn a_sepa_debit_in_another_currency_is_refused_and_no_gateway_is_asked() {
    let world = World::new();
    let process = world.process_over(Arc::new(EveryType));
    let body = with(payment("tok_visa"), "payment_method_id", of_type(MethodType::SepaDebit));
    let refused = process.post(INTENTS, "a", with(body, "currency", "GBP")).await;
    refused.is_problem(422, "currency_not_taken");
    let pounds = process.post(INTENTS, "b", with(unconfirmed("tok_visa"), "currency", "GBP")).await;
    let confirm = json!({ "payment_method_id": of_type(MethodType::SepaDebit) });
    let path = format!("{INTENTS}/{}/confirm", pounds.text("id"));
    process.post(&path, "c", confirm).await.is_problem(422, "currency_not_taken");
    assert_eq!(world.line.calls(), 0);
}

#[tokio::test]
async fn a_card_that_expired_is_refused_when_it_is_confirmed_and_another_may_pay() {
    let world = World::new();
    let process = world.process_over(Arc::new(EveryType));
    let at_once = with(payment("tok_visa"), "payment_method_id", of(EXPIRED));
    process.post(INTENTS, "a", at_once).await.is_problem(422, "payment_method_expired");
    let intent =
        process.post(INTENTS, "b", with(unconfirmed("tok_visa"), "payment_method_id", of(EXPIRED))).await;
    let path = format!("{INTENTS}/{}/confirm", intent.text("id"));
    process.post(&path, "c", json!({})).await.is_problem(422, "payment_method_expired");
    assert_eq!(world.line.calls(), 0, "no gateway was asked");
    let paid = process.post(&path, "d", json!({ "payment_method_id": of_type(MethodType::Card) })).await;
    paid.is(200, "succeeded");
}
