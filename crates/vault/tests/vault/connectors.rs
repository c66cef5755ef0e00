//! Connectors that are away, or talk nonsense.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Authorize, Avs, Capabilities, Capture, CardData, CheckMethod, CompleteChallenge, GatewayAnswer,
    GatewayError, Lookup, LookupRequest, MethodChecks, MethodVault, PaymentGateway, Refund, TokenisedCard,
    UnknownOutcome, Void, ZeroAmountAnswer,
};
use tender_domain::vault::{MethodType, VerificationKind};
use tender_memory::MemoryMethodStore;
use tender_testkit::ManualClock;

use crate::rig::{METHODS, Rig, card_of, example, post, simulator};

/// Says the same to every question about a card; can do nothing else.
struct Scripted(&'static str, Result<(&'static str, &'static str), GatewayError>);

impl Scripted {
    fn says(&self) -> Result<TokenisedCard, GatewayError> {
        let (token, last4) = self.1.clone()?;
        Ok(TokenisedCard {
            token: token.into(),
            brand: "VISA".to_owned(),
            last4: last4.to_owned(),
            exp_month: 12,
            exp_year: 2030,
            card_identity: SecretString::from(""),
        })
    }
}

/// The one of them that checks cards, and only so.
const CHECKING: &str = "checking";

#[async_trait]
impl MethodChecks for Scripted {
    fn verifies(&self, kind: VerificationKind, method_type: MethodType) -> bool {
        (kind, method_type) == (VerificationKind::ZeroAmount, MethodType::Card)
    }
    async fn authorize_nothing(&self, _: &CheckMethod) -> Result<ZeroAmountAnswer, GatewayError> {
        Ok(ZeroAmountAnswer::Approved { response_code: None, avs: Avs::default() })
    }
}

fn cannot<T>() -> Result<T, GatewayError> {
    Err(GatewayError::NotDone("not part of this test".to_owned()))
}

#[async_trait]
impl PaymentGateway for Scripted {
    fn name(&self) -> &str {
        self.0
    }
    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        (self.0 == CHECKING).then_some(self)
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Lookup,
            unknown_capture: UnknownOutcome::Lookup,
            unknown_refund: UnknownOutcome::Lookup,
            not_found_is_final_after: std::time::Duration::ZERO,
            partial_capture: false,
            several_captures: false,
            ends_by_callback: false,
            page_outlives_tries: false,
        }
    }
    async fn authorize(&self, _: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        cannot()
    }
    async fn capture(&self, _: &Capture) -> Result<GatewayAnswer, GatewayError> {
        cannot()
    }
    async fn void(&self, _: &Void) -> Result<GatewayAnswer, GatewayError> {
        cannot()
    }
    async fn refund(&self, _: &Refund) -> Result<GatewayAnswer, GatewayError> {
        cannot()
    }
    async fn complete_challenge(&self, _: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        cannot()
    }
    async fn lookup(&self, _: &LookupRequest) -> Result<Lookup, GatewayError> {
        cannot()
    }
    async fn tokenise(&self, _: &TenantId, _: &CardData) -> Result<TokenisedCard, GatewayError> {
        self.says()
    }
    async fn inspect_token(
        &self,
        _: &TenantId,
        _: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        self.says().map(Some)
    }
}

/// One that tokenises any card, and checks none.
pub(crate) fn checking_nothing() -> Arc<dyn PaymentGateway> {
    Arc::new(Scripted("plain", Ok(("plain_1", "4242"))))
}

/// One that tokenises any card, and checks it by an authorization of nothing alone.
pub(crate) fn checking() -> Arc<dyn PaymentGateway> {
    Arc::new(Scripted(CHECKING, Ok(("checking_1", "4242"))))
}

pub(crate) fn away() -> Arc<dyn PaymentGateway> {
    Arc::new(Scripted("away", Err(GatewayError::Unknown("time-out, sent 4242424242424242".to_owned()))))
}

fn away_repeating(token: &str) -> Arc<dyn PaymentGateway> {
    Arc::new(Scripted("away", Err(GatewayError::NotDone(format!("no such thing: {token}")))))
}

pub(crate) fn rig(gateways: impl FnOnce(&Arc<ManualClock>) -> Vec<Arc<dyn PaymentGateway>>) -> Rig {
    let clock = Arc::new(ManualClock::default());
    let gateways = gateways(&clock);
    Rig::with(Arc::new(MemoryMethodStore::default()), clock, gateways)
}

async fn connectors_of(rig: &Rig, method: &serde_json::Value) -> Vec<String> {
    let id = method["id"].as_str().expect("an id").parse().expect("an id");
    let tenant = "acme".parse().expect("a tenant's name");
    let material = rig.service.method_for_charge(&tenant, id).await.expect("chargeable");
    material.tokens.into_iter().map(|(connector, _)| connector).collect()
}

#[actix_web::test]
async fn a_card_is_tokenised_at_every_connector_that_answers() {
    let other: Arc<dyn PaymentGateway> = Arc::new(Scripted("other", Ok(("other_1", "4242"))));
    let rig = rig(|clock| vec![away(), simulator(clock), other]);
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    assert_eq!(connectors_of(&rig, &method).await, ["other", "simulator"]);
}

#[actix_web::test]
async fn every_call_of_a_connector_is_told_to_its_log_with_nothing_of_the_method() {
    let rig = rig(|clock| vec![away(), checking(), simulator(clock)]);
    let number = "4242424242424242";
    let method = rig.saved(card_of("cust_1", number)).await;
    let told: Vec<String> = rig
        .calls
        .all()
        .into_iter()
        .map(|(connector, call)| format!("{connector} {} {} {}", call.call, call.outcome, call.request))
        .collect();
    let of_card = r#"{"type":"card"}"#;
    let mut wanted = vec![
        format!("away tokenise unknown {of_card}"),
        format!("checking tokenise done {of_card}"),
        format!("simulator tokenise done {of_card}"),
    ];
    for one in &told {
        let place = wanted.iter().position(|wanted| wanted == one).expect("one of them, once");
        wanted.remove(place);
    }
    assert!(wanted.is_empty(), "{wanted:?}");
    let verify = serde_json::json!({ "payment_method_id": method["id"], "kind": "zero_amount" });
    assert_eq!(rig.admin(post(&format!("{METHODS}/verify"), &verify)).await.status, 200);
    let (connector, checked) = rig.calls.all().pop().expect("the last call");
    assert_eq!((&*connector, &*checked.call, &*checked.outcome), ("checking", "zero_amount", "approved"));
    assert!(checked.reference.starts_with(method["id"].as_str().expect("an id")), "{checked:?}");
    let all = format!("{:?}", rig.calls.all());
    assert!(all.contains("time-out, sent") && !all.contains(number) && !all.contains("424242"), "{all}");
}

#[actix_web::test]
async fn a_connector_that_repeats_a_clients_token_is_not_quoted() {
    let rig = rig(|_| vec![away_repeating("tok_of_the_client")]);
    let body = serde_json::json!({ "type": "card", "token": "tok_of_the_client" });
    rig.admin(post(METHODS, &body)).await.is_problem(503, "connectors_unavailable");
    let all = format!("{:?}", rig.calls.all());
    assert!(all.contains("no such thing: …") && !all.contains("tok_of_the_client"), "{all}");
}

#[actix_web::test]
async fn without_any_connector_nothing_is_saved_and_the_same_key_may_try_again() {
    let rig = rig(|_| vec![away()]);
    for body in [card_of("cust_1", "4242424242424242"), example()] {
        let request =
            post(METHODS, &body).insert_header(("idempotency-key", body.to_string().len().to_string()));
        let answer = rig.admin(request).await;
        answer.is_problem(503, "connectors_unavailable");
        assert_eq!(answer.header("retry-after"), "5");
        let again =
            post(METHODS, &body).insert_header(("idempotency-key", body.to_string().len().to_string()));
        assert_eq!(rig.admin(again).await.header("idempotent-replayed"), "", "a 503 is not kept");
    }
    assert_eq!(rig.count().await, 0);
}

#[actix_web::test]
async fn a_token_that_one_connector_could_not_be_asked_about_is_not_called_unknown() {
    let rig = rig(|clock| vec![simulator(clock), away()]);
    let unknown = serde_json::json!({ "type": "card", "token": "tok_nobody_knows" });
    rig.admin(post(METHODS, &unknown)).await.is_problem(503, "connectors_unavailable");
    let known = rig.saved(example()).await;
    assert_eq!(connectors_of(&rig, &known).await, ["simulator"]);
}

#[actix_web::test]
async fn a_connector_that_hands_back_card_numbers_is_not_believed() {
    for (token, last4) in
        [("4242424242424242", "4242"), ("tok_4242424242424242", "4242"), ("tok_1", "4242424242424242")]
    {
        let gateway: Arc<dyn PaymentGateway> = Arc::new(Scripted("careless", Ok((token, last4))));
        let rig = rig(|_| vec![gateway]);
        let answer = rig.admin(post(METHODS, &card_of("cust_1", "4242424242424242"))).await;
        answer.is_problem(503, "connectors_unavailable");
        assert_eq!(rig.count().await, 0);
    }
}
