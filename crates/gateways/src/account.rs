//! A gateway under a connector's name: an adapter knows its gateway, and not which of several accounts it is.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackFault, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData,
    CompleteChallenge, DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest,
    MethodChecks, PaymentGateway, Refund, SettlementReports, TokenisedCard, TokenisedMethod, Void,
};
use tender_domain::vault::{BankData, MethodType};

/// What the sandbox's simulated gateway answers to every payment of a connector, whatever its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulatedAnswer {
    /// It refuses the call: nothing is done.
    Error,
    /// A decline after which another connector is tried.
    Declined,
    /// A decline that is final.
    Stolen,
    /// Nothing is done, and nothing is said.
    TimeoutBefore,
    /// It is done, and nothing is said.
    TimeoutAfter,
    /// It cannot be reached: nothing is sent.
    Unreachable,
}

impl SimulatedAnswer {
    /// Every answer.
    pub const ALL: &'static [Self] = &[
        Self::Error,
        Self::Declined,
        Self::Stolen,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::Unreachable,
    ];

    /// The text form, as in the connector's configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Declined => "declined",
            Self::Stolen => "stolen",
            Self::TimeoutBefore => "timeout_before",
            Self::TimeoutAfter => "timeout_after",
            Self::Unreachable => "unreachable",
        }
    }

    /// The answer with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|answer| answer.as_str() == text).copied()
    }

    /// The published test token that answers so; none where nothing is sent.
    const fn token(self) -> Option<&'static str> {
        match self {
            Self::Error => Some("tok_error"),
            Self::Declined => Some("tok_declined"),
            Self::Stolen => Some("tok_stolen"),
            Self::TimeoutBefore => Some("tok_timeout_before"),
            Self::TimeoutAfter => Some("tok_timeout_after"),
            Self::Unreachable => None,
        }
    }
}

/// An account at a gateway, under its connector's name.
pub struct NamedAccount {
    name: String,
    gateway: Arc<dyn PaymentGateway>,
    /// With the credentials before the last rotation, and until when callbacks that they signed count.
    before: Option<(Arc<dyn PaymentGateway>, Timestamp)>,
    /// What the simulated gateway answers to all.
    answers: Option<SimulatedAnswer>,
}

impl NamedAccount {
    /// This gateway under this name.
    #[must_use]
    pub fn new(name: impl Into<String>, gateway: Arc<dyn PaymentGateway>) -> Self {
        Self { name: name.into(), gateway, before: None, answers: None }
    }

    /// With the gateway of the credentials before, whose callbacks count until then.
    #[must_use]
    pub fn with_before(mut self, before: Arc<dyn PaymentGateway>, until: Timestamp) -> Self {
        self.before = Some((before, until));
        self
    }

    /// With one answer to every payment. For the simulated gateway alone.
    #[must_use]
    pub const fn answering(mut self, answer: SimulatedAnswer) -> Self {
        self.answers = Some(answer);
        self
    }
}

/// Whether the credentials before may stand behind what those at hand refuse: they may have signed otherwise, or these may
/// have nothing to check a signature with.
const fn may_be_older(refusal: &CallbackRefusal) -> bool {
    use CallbackRefusal as R;
    matches!(refusal, R::BadSignature | R::NotSupported | R::Unsigned(_))
}

#[async_trait]
impl PaymentGateway for NamedAccount {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        self.gateway.capabilities()
    }

    fn authorization_life(&self) -> Duration {
        self.gateway.authorization_life()
    }

    fn alternative_methods(&self) -> &[&'static str] {
        self.gateway.alternative_methods()
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        let Some(answer) = self.answers else { return self.gateway.authorize(request).await };
        let Some(token) = answer.token() else {
            let why = "the connector answers as if it could not be reached; nothing was sent";
            return Err(GatewayError::NotNow(why.to_owned()));
        };
        self.gateway.authorize(&Authorize { token: SecretString::from(token), ..request.clone() }).await
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        self.gateway.capture(request).await
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        self.gateway.void(request).await
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        self.gateway.refund(request).await
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        self.gateway.complete_challenge(request).await
    }

    async fn give_up_challenge(&self, request: &Void) -> Result<Option<GatewayAnswer>, GatewayError> {
        self.gateway.give_up_challenge(request).await
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        self.gateway.lookup(request).await
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        self.gateway.tokenise(tenant, card).await
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        self.gateway.inspect_token(tenant, token).await
    }

    fn method_types(&self) -> &[MethodType] {
        self.gateway.method_types()
    }

    async fn tokenise_bank_account(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        account: &BankData,
    ) -> Result<TokenisedMethod, GatewayError> {
        self.gateway.tokenise_bank_account(tenant, method_type, account).await
    }

    async fn inspect_method(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        token: &SecretString,
    ) -> Result<Option<TokenisedMethod>, GatewayError> {
        self.gateway.inspect_method(tenant, method_type, token).await
    }

    /// Of the credentials at hand; of those before them while they overlap.
    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        match (self.gateway.parse_callback(headers, body, now), &self.before) {
            (Err(refusal), Some((before, until))) if now < *until && may_be_older(&refusal) => {
                before.parse_callback(headers, body, now)
            }
            (parsed, _) => parsed,
        }
    }

    /// The same, with the calls that it takes.
    async fn read_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackFault> {
        match (self.gateway.read_callback(headers, body, now).await, &self.before) {
            (Err(CallbackFault::Refused(refusal)), Some((before, until)))
                if now < *until && may_be_older(&refusal) =>
            {
                before.read_callback(headers, body, now).await
            }
            (read, _) => read,
        }
    }

    async fn owner_of_payment(&self, gateway_reference: &str) -> Result<Option<TenantId>, GatewayError> {
        self.gateway.owner_of_payment(gateway_reference).await
    }

    fn callback_received(&self) -> Option<&'static str> {
        self.gateway.callback_received()
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        self.gateway.settlement_reports()
    }

    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        self.gateway.method_checks()
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        self.gateway.dispute_replies()
    }

    async fn check_reachable(&self) -> Result<(), GatewayError> {
        match self.answers {
            Some(
                SimulatedAnswer::Error
                | SimulatedAnswer::TimeoutBefore
                | SimulatedAnswer::TimeoutAfter
                | SimulatedAnswer::Unreachable,
            ) => Err(GatewayError::NotDone("the simulated gateway is told to fail".to_owned())),
            _ => self.gateway.check_reachable().await,
        }
    }
}
