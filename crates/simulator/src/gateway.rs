//! The engine as the port sees it, in the process it runs in.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData, CompleteChallenge,
    DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest, MethodChecks,
    PaymentGateway, Refund, TokenisedCard, TokenisedMethod, UnknownOutcome, Void,
};
use tender_domain::vault::{BankData, MethodType};

use crate::SimulatorGateway;
use crate::card_token::TokenCard;
use crate::event_body::EventBody;
use crate::method_token::TokenMethod;
use crate::sessions::METHODS;
use crate::signature;

#[async_trait]
impl PaymentGateway for SimulatorGateway {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Lookup,
            unknown_capture: UnknownOutcome::Lookup,
            unknown_refund: UnknownOutcome::Lookup,
            not_found_is_final_after: Duration::from_secs(2),
            partial_capture: true,
            several_captures: true,
            ends_by_callback: false,
            page_outlives_tries: false,
        }
    }

    fn alternative_methods(&self) -> &[&'static str] {
        METHODS
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        Ok(self.authorization(request).await?)
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        Ok(self.capturing(request).await?)
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        Ok(self.voiding(request).await?)
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        Ok(self.refunding(request).await?)
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        Ok(self.completion(request).await?)
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        Ok(self.looked_up(request).await?)
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        Some(self)
    }

    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        Some(self)
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        if !(1..=12).contains(&card.exp_month) || !(2000..=2199).contains(&card.exp_year) {
            return Err(GatewayError::NotDone(
                "the card's date of expiry is not a month and a year".to_owned(),
            ));
        }
        let found = TokenCard::of_card(&self.options.secret, tenant, card)
            .ok_or_else(|| GatewayError::NotDone("the card number is incorrect".to_owned()))?;
        Ok(found.tokenised(found.seal(&self.options.secret, tenant)))
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        let found = TokenCard::of_token(&self.options.secret, tenant, token.expose_secret());
        Ok(found.map(|card| card.tokenised(token.clone())))
    }

    fn method_types(&self) -> &[MethodType] {
        MethodType::ALL
    }

    async fn tokenise_bank_account(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        account: &BankData,
    ) -> Result<TokenisedMethod, GatewayError> {
        let secret = &self.options.secret;
        let made = TokenMethod::of_account(secret, tenant, method_type, account);
        let sealed = made.and_then(|made| Some(made.tokenised(made.seal(secret, tenant)?)));
        sealed.ok_or_else(|| GatewayError::NotDone("the bank account is incorrect".to_owned()))
    }

    async fn inspect_method(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        token: &SecretString,
    ) -> Result<Option<TokenisedMethod>, GatewayError> {
        if method_type == MethodType::Card {
            return Ok(self.inspect_token(tenant, token).await?.map(TokenisedMethod::from));
        }
        let found = TokenMethod::of_token(&self.options.secret, tenant, token.expose_secret());
        let found = found.filter(|found| found.method_type() == method_type);
        Ok(found.map(|method| method.tokenised(token.clone())))
    }

    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        signature::verify(&self.options.secret, headers, body, now)?;
        Ok(vec![EventBody::parse(body)?.into()])
    }
}
