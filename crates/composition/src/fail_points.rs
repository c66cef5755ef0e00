//! Fail points around the calls to what stands outside, where a test has armed one.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackFault, CallbackHeaders, CallbackIntake, CallbackRefusal, Capabilities, Capture,
    CardData, CompleteChallenge, DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, Lookup,
    LookupRequest, MethodChecks, PaymentGateway, Refund, SettlementReports, TokenisedCard, TokenisedMethod,
    Void,
};
use tender_domain::vault::{BankData, MethodType};
use tender_fail_points::{Call, before_call, is_armed};

/// The gateway with the process's death around its calls, if a test has armed a fail point; else the gateway.
#[must_use]
pub fn with_fail_points(gateway: Arc<dyn PaymentGateway>) -> Arc<dyn PaymentGateway> {
    if is_armed() { Arc::new(Mortal(gateway)) } else { gateway }
}

/// The same for the intake of callbacks.
#[must_use]
pub fn intake_with_fail_points(intake: Arc<dyn CallbackIntake>) -> Arc<dyn CallbackIntake> {
    if is_armed() { Arc::new(MortalIntake(intake)) } else { intake }
}

/// A gateway of a process that may die around its calls.
struct Mortal(Arc<dyn PaymentGateway>);

async fn around<T>(call: Call, answer: impl Future<Output = T>) -> T {
    let reached = before_call(call);
    let answer = answer.await;
    reached.done();
    answer
}

#[async_trait]
impl PaymentGateway for Mortal {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn authorization_life(&self) -> Duration {
        self.0.authorization_life()
    }

    fn alternative_methods(&self) -> &[&'static str] {
        self.0.alternative_methods()
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        around(Call::Authorize, self.0.authorize(request)).await
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        around(Call::Capture, self.0.capture(request)).await
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        around(Call::Void, self.0.void(request)).await
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        around(Call::Refund, self.0.refund(request)).await
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        around(Call::CompleteChallenge, self.0.complete_challenge(request)).await
    }

    async fn give_up_challenge(&self, request: &Void) -> Result<Option<GatewayAnswer>, GatewayError> {
        self.0.give_up_challenge(request).await
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        around(Call::Lookup, self.0.lookup(request)).await
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        self.0.tokenise(tenant, card).await
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        self.0.inspect_token(tenant, token).await
    }

    fn method_types(&self) -> &[MethodType] {
        self.0.method_types()
    }

    async fn tokenise_bank_account(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        account: &BankData,
    ) -> Result<TokenisedMethod, GatewayError> {
        self.0.tokenise_bank_account(tenant, method_type, account).await
    }

    async fn inspect_method(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        token: &SecretString,
    ) -> Result<Option<TokenisedMethod>, GatewayError> {
        self.0.inspect_method(tenant, method_type, token).await
    }

    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        self.0.parse_callback(headers, body, now)
    }

    async fn read_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackFault> {
        self.0.read_callback(headers, body, now).await
    }

    async fn owner_of_payment(&self, gateway_reference: &str) -> Result<Option<TenantId>, GatewayError> {
        self.0.owner_of_payment(gateway_reference).await
    }

    fn callback_received(&self) -> Option<&'static str> {
        self.0.callback_received()
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        self.0.settlement_reports()
    }

    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        self.0.method_checks()
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        self.0.dispute_replies()
    }

    async fn check_reachable(&self) -> Result<(), GatewayError> {
        self.0.check_reachable().await
    }
}

struct MortalIntake(Arc<dyn CallbackIntake>);

#[async_trait]
impl CallbackIntake for MortalIntake {
    async fn take(
        &self,
        connector: &str,
        headers: &CallbackHeaders,
        body: &[u8],
    ) -> Result<(), CallbackFault> {
        around(Call::Callback, self.0.take(connector, headers, body)).await
    }
}
