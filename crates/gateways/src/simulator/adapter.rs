use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData, CompleteChallenge,
    DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest, MethodChecks,
    PaymentGateway, Refund, ThreeDs, TokenisedCard, TokenisedMethod, UnknownOutcome, Void,
};
use tender_domain::vault::{BankData, MethodType};

use super::call::Connection;
use super::callback;
use super::method_wire::{InspectMethodAnswer, InspectMethodBody, MethodAnswer, TokeniseAccountBody};
use super::wire::{
    AnswerBody, AuthorizeBody, CaptureBody, CardAnswer, CardBody, ChallengeBody, InspectAnswer, InspectBody,
    LookupAnswer, LookupBody, RefundBody, TokeniseBody, VoidBody,
};
use crate::standard_webhooks::{derived_key, verify};

/// Where the simulator is and how long it may take.
#[derive(Debug, Clone)]
pub struct HttpSimulatorOptions {
    /// Its address (`http://127.0.0.1:8090`).
    pub url: String,
    /// The secret it shares with its callers; its callbacks are signed with a key derived from it.
    pub bearer: SecretString,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl HttpSimulatorOptions {
    /// The usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(url: impl Into<String>, bearer: impl Into<SecretString>) -> Self {
        Self {
            url: url.into(),
            bearer: bearer.into(),
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// The options cannot be used; says which one and why.
#[derive(Debug, thiserror::Error)]
#[error("the simulator's {option}: {problem}")]
pub struct InvalidSimulatorOptions {
    /// Which option.
    pub option: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// The simulated gateway behind HTTP.
pub struct HttpSimulatorGateway {
    pub(super) connection: Connection,
    /// Signs its callbacks.
    callback_key: [u8; 32],
}

impl HttpSimulatorGateway {
    /// A gateway at this address; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL, or the secret cannot be sent in a header.
    pub fn new(options: HttpSimulatorOptions) -> Result<Self, InvalidSimulatorOptions> {
        let callback_key = derived_key(options.bearer.expose_secret().as_bytes(), callback::KEY_LABEL);
        Ok(Self { connection: Connection::new(options)?, callback_key })
    }

    async fn answered<Q: serde::Serialize + Sync>(
        &self,
        call: &'static str,
        body: &Q,
    ) -> Result<GatewayAnswer, GatewayError> {
        Ok(self.connection.call::<Q, AnswerBody>(call, body).await?.into())
    }
}

#[async_trait]
impl PaymentGateway for HttpSimulatorGateway {
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
        &["card", "ideal", "klarna", "paypal"]
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        let body = AuthorizeBody {
            tenant: &request.tenant,
            reference: &request.reference,
            amount: request.amount.minor(),
            currency: request.amount.currency(),
            capture: request.capture,
            token: request.token.expose_secret(),
            statement_descriptor: request.statement_descriptor.as_deref(),
            off_session: request.off_session,
            force_three_ds: request.three_ds == ThreeDs::Force,
            sca: &request.sca,
            session: request.session.as_ref(),
        };
        self.answered("authorize", &body).await
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        let body = CaptureBody {
            tenant: &request.tenant,
            reference: &request.reference,
            gateway_reference: &request.gateway_reference,
            amount: request.amount.minor(),
            currency: request.amount.currency(),
            is_final: request.is_final,
        };
        self.answered("capture", &body).await
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        let body = VoidBody {
            tenant: &request.tenant,
            reference: &request.reference,
            gateway_reference: &request.gateway_reference,
        };
        self.answered("void", &body).await
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        let body = RefundBody {
            tenant: &request.tenant,
            reference: &request.reference,
            gateway_reference: &request.gateway_reference,
            amount: request.amount.minor(),
            currency: request.amount.currency(),
        };
        self.answered("refund", &body).await
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        let body =
            ChallengeBody { tenant: &request.tenant, reference: &request.reference, result: &request.result };
        self.answered("challenge", &body).await
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        let body = LookupBody {
            tenant: &request.tenant,
            kind: request.kind.as_str(),
            reference: &request.reference,
        };
        Ok(self.connection.call::<_, LookupAnswer>("lookup", &body).await?.into())
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        Some(self)
    }

    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        Some(self)
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        let card = CardBody {
            number: card.number.expose_secret(),
            exp_month: card.exp_month,
            exp_year: card.exp_year,
            cvc: card.cvc.as_ref().map(ExposeSecret::expose_secret),
            holder_name: card.holder_name.as_deref(),
        };
        Ok(self.connection.call::<_, CardAnswer>("tokenise", &TokeniseBody { tenant, card }).await?.into())
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        let body = InspectBody { tenant, token: token.expose_secret() };
        let answer: InspectAnswer = self.connection.call("inspect", &body).await?;
        Ok(answer.card.map(TokenisedCard::from))
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
        let body = TokeniseAccountBody { tenant, method_type, account: account.into() };
        Ok(self.connection.call::<_, MethodAnswer>("tokenise-bank-account", &body).await?.into())
    }

    async fn inspect_method(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        token: &SecretString,
    ) -> Result<Option<TokenisedMethod>, GatewayError> {
        let body = InspectMethodBody { tenant, method_type, token: token.expose_secret() };
        let answer: InspectMethodAnswer = self.connection.call("inspect-method", &body).await?;
        Ok(answer.method.map(TokenisedMethod::from))
    }

    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        verify(&self.callback_key, headers, body, now)?;
        Ok(vec![callback::parse(body)?])
    }
}
