//! The line to the simulator: each call is an effect, before and after.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData, CompleteChallenge,
    GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest, PaymentGateway, Refund, TokenisedCard,
    TokenisedMethod, Void,
};
use tender_domain::vault::{BankData, MethodType};
use tender_simulator::SimulatorGateway;

use crate::dice::Dice;
use crate::effects::Effects;

/// What becomes of a payment where the gateway is moody.
const MOODS: &[&str] = &[
    "tok_error",
    "tok_error",
    "tok_declined",
    "tok_declined",
    "tok_stolen",
    "tok_timeout_before",
    "tok_timeout_after",
    "tok_server_error",
];

/// How long it holds what is authorized: longer than a delayed capture waits, and an hour beside that is ours.
const HELD_FOR: Duration = Duration::from_secs(2 * 3600);

/// As the operator's gateway, and as each of the tenant's own accounts at it.
pub(crate) struct Line {
    pub(crate) name: String,
    /// Whether it fails some of the payments that begin there, in one way or another.
    pub(crate) moody: bool,
    pub(crate) simulator: SimulatorGateway,
    pub(crate) effects: Arc<Effects>,
    pub(crate) dice: Arc<Dice>,
}

impl Line {
    async fn through<T: Send>(
        &self,
        call: impl Future<Output = Result<T, GatewayError>> + Send,
    ) -> Result<T, GatewayError> {
        self.effects.step().await;
        tokio::time::sleep(self.dice.moment(50)).await;
        let answer = call.await;
        self.effects.step().await;
        // Some answers take their time, so that of two the first may be the last to come.
        let way_back = if self.dice.percent(25) { 1_500 } else { 50 };
        tokio::time::sleep(self.dice.moment(way_back)).await;
        answer
    }
}

#[async_trait]
impl PaymentGateway for Line {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        self.simulator.capabilities()
    }

    fn authorization_life(&self) -> Duration {
        HELD_FOR
    }

    fn alternative_methods(&self) -> &[&'static str] {
        self.simulator.alternative_methods()
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        if self.moody && self.dice.percent(70) {
            let token = SecretString::from(*self.dice.pick::<&'static str>(MOODS));
            return self.through(self.simulator.authorize(&Authorize { token, ..request.clone() })).await;
        }
        self.through(self.simulator.authorize(request)).await
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        self.through(self.simulator.capture(request)).await
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        self.through(self.simulator.void(request)).await
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        self.through(self.simulator.refund(request)).await
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        let answer = self.through(self.simulator.complete_challenge(request)).await;
        self.effects.lost_completions.fetch_add(u32::from(answer.is_err()), Ordering::Relaxed);
        answer
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        let answer = self.through(self.simulator.lookup(request)).await;
        self.effects.lost_lookups.fetch_add(u32::from(answer.is_err()), Ordering::Relaxed);
        answer
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        self.simulator.tokenise(tenant, card).await
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        self.simulator.inspect_token(tenant, token).await
    }

    fn method_types(&self) -> &[MethodType] {
        self.simulator.method_types()
    }

    async fn tokenise_bank_account(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        account: &BankData,
    ) -> Result<TokenisedMethod, GatewayError> {
        self.simulator.tokenise_bank_account(tenant, method_type, account).await
    }

    async fn inspect_method(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        token: &SecretString,
    ) -> Result<Option<TokenisedMethod>, GatewayError> {
        self.simulator.inspect_method(tenant, method_type, token).await
    }

    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        self.simulator.parse_callback(headers, body, now)
    }
}
