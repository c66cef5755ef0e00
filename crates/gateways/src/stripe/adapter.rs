use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallKind, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData,
    CompleteChallenge, DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest,
    MethodChecks, PaymentGateway, Refund, SessionRequest, SettlementPage, SettlementReports,
    SettlementRequest, ThreeDs, TokenisedCard, UnknownOutcome, Void,
};

use super::answer::{self, Reading};
use super::call::Connection;
use super::refusal::{object, only_asked};
use super::token::{Token, is_id};
use super::wire::{self, PaymentIntent, metadata};
use super::{cards, event, report, request, session, signature};

/// How long Stripe keeps a key at least.
const KEY_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Which account of Stripe, and how long it may take.
#[derive(Debug, Clone)]
pub struct StripeOptions {
    /// Where the API is (`https://api.stripe.com`).
    pub api_base: String,
    /// The account's secret or restricted key (`sk_…`, `rk_…`).
    pub secret_key: SecretString,
    /// What Stripe signs its callbacks with (`whsec_…`); without it none is taken.
    pub webhook_secret: Option<SecretString>,
    /// Where customers come back to after a challenge; without it a payment that needs one is declined.
    pub return_url: Option<String>,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl StripeOptions {
    /// An account with the usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(api_base: impl Into<String>, secret_key: impl Into<SecretString>) -> Self {
        Self {
            api_base: api_base.into(),
            secret_key: secret_key.into(),
            webhook_secret: None,
            return_url: None,
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// The options cannot be used; says which one and why.
#[derive(Debug, thiserror::Error)]
#[error("Stripe's {option}: {problem}")]
pub struct InvalidStripeOptions {
    /// Which option.
    pub option: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// An account at Stripe.
pub struct StripeGateway {
    pub(super) connection: Connection,
    webhook_secret: Option<SecretString>,
    return_url: Option<String>,
}

impl StripeGateway {
    /// A gateway for this account; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL, or the key cannot be sent in a header.
    pub fn new(options: StripeOptions) -> Result<Self, InvalidStripeOptions> {
        let connection = Connection::new(&options)?;
        let StripeOptions { webhook_secret, return_url, .. } = options;
        Ok(Self { connection, webhook_secret, return_url })
    }

    /// What a payment is now. That it could not be asked says nothing of it.
    async fn payment(&self, id: &str) -> Result<PaymentIntent, GatewayError> {
        let answer = only_asked(self.connection.get(request::payment(id)).await)?;
        only_asked(object(&answer)?.map_err(|refusal| refusal.error()))
    }

    /// What a refund is now.
    async fn refund_again(&self, id: &str) -> Result<GatewayAnswer, GatewayError> {
        let answer = only_asked(self.connection.get(request::refund_again(id)).await)?;
        let refund: wire::Refund = only_asked(object(&answer)?.map_err(|refusal| refusal.error()))?;
        answer::refund_end(&refund)
    }

    /// Begins a session. The same again is told the same page.
    async fn begin(
        &self,
        request: &Authorize,
        session: &SessionRequest,
    ) -> Result<GatewayAnswer, GatewayError> {
        let asked = session::begin(request, session, self.return_url.as_deref())?;
        match answer::authorized(&self.connection.post(asked).await?)? {
            Reading::Ended(outcome) => outcome,
            Reading::Unfinished(id) => answer::after_challenge(&self.payment(&id).await?),
        }
    }

    /// The payment with our reference in its metadata, as far as Stripe's search shows it yet.
    async fn search(
        &self,
        tenant: &TenantId,
        name: &'static str,
        reference: &str,
    ) -> Result<Option<PaymentIntent>, GatewayError> {
        let Some(asked) = request::search(tenant, name, reference) else { return Ok(None) };
        let answer = only_asked(self.connection.get(asked).await)?;
        only_asked(answer::found(&answer, tenant, reference))
    }

    /// The payment of a challenge: the one that it was told as, or that the customer's browser brought, if it is the right
    /// one.
    async fn challenged(&self, request: &CompleteChallenge) -> Result<PaymentIntent, GatewayError> {
        let own = Some(&request.challenge_reference).filter(|id| is_id(id, "pi_")).cloned();
        if let Some(id) = own.or_else(|| brought(&request.result))
            && let Ok(intent) = self.payment(&id).await
            && answer::is_ours(&intent, &request.tenant, &request.reference)
        {
            return Ok(intent);
        }
        let found = self.search(&request.tenant, metadata::REFERENCE, &request.reference).await?;
        found.ok_or_else(|| GatewayError::Unknown("Stripe does not show the payment yet".to_owned()))
    }
}

/// The id of a payment in what a challenge ended with: itself, or the query of the address the customer came back to.
fn brought(result: &str) -> Option<String> {
    if is_id(result, "pi_") {
        return Some(result.to_owned());
    }
    let query = result.rsplit('?').next().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, id) = pairs.find(|(name, _)| name == "payment_intent")?;
    is_id(&id, "pi_").then(|| id.into_owned())
}

#[async_trait]
impl PaymentGateway for StripeGateway {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Replay { key_life: KEY_LIFE },
            unknown_capture: UnknownOutcome::Replay { key_life: KEY_LIFE },
            unknown_refund: UnknownOutcome::Replay { key_life: KEY_LIFE },
            // Never told: see the module.
            not_found_is_final_after: KEY_LIFE,
            partial_capture: true,
            several_captures: false,
            ends_by_callback: false,
            page_outlives_tries: false,
        }
    }

    fn alternative_methods(&self) -> &[&'static str] {
        session::METHODS
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        if let Some(session) = &request.session {
            return self.begin(request, session).await;
        }
        let Some(token) = Token::of(&request.token) else { return Ok(answer::no_token()) };
        let return_url = request.sca.return_url.as_deref().or(self.return_url.as_deref());
        if request.three_ds == ThreeDs::Force && (request.off_session || return_url.is_none()) {
            return Ok(answer::cannot_authenticate(request));
        }
        let asked = request::authorize(request, token, return_url)?;
        match answer::authorized(&self.connection.post(asked).await?)? {
            Reading::Ended(outcome) => outcome,
            Reading::Unfinished(id) => answer::payment(&self.payment(&id).await?),
        }
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        answer::captured(&self.connection.post(request::capture(request)?).await?)
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        answer::voided(&self.connection.post(request::void(request)?).await?)
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        match answer::refunded(&self.connection.post(request::refund(request)?).await?)? {
            Reading::Ended(outcome) => outcome,
            Reading::Unfinished(id) => self.refund_again(&id).await,
        }
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        answer::after_challenge(&self.challenged(request).await?)
    }

    /// As a void: what was not confirmed is canceled like what is held.
    async fn give_up_challenge(&self, request: &Void) -> Result<Option<GatewayAnswer>, GatewayError> {
        self.void(request).await.map(Some)
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        let Some((name, reference)) = answer::searched(request) else { return Ok(Lookup::Pending) };
        let Some(intent) = self.search(&request.tenant, name, reference).await? else {
            return Ok(Lookup::Pending);
        };
        let outcome = match request.kind {
            CallKind::Capture => answer::capture(&intent),
            CallKind::Void => answer::void(&intent),
            CallKind::Authorize | CallKind::Refund => answer::authorization(&intent),
        };
        Ok(outcome.map_or(Lookup::Pending, Lookup::Answered))
    }

    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        Some(self)
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        Some(self)
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        cards::tokenise(&self.connection, tenant, card).await
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        cards::inspect(&self.connection, tenant, token).await
    }

    async fn owner_of_payment(&self, gateway_reference: &str) -> Result<Option<TenantId>, GatewayError> {
        if !is_id(gateway_reference, "pi_") {
            return Ok(None);
        }
        let answer = only_asked(self.connection.get(request::payment(gateway_reference)).await)?;
        match object::<PaymentIntent>(&answer)? {
            Ok(intent) => Ok(answer::owner(&intent)),
            Err(refusal) if refusal.status == 404 => Ok(None),
            Err(refusal) => only_asked(Err(refusal.error())),
        }
    }

    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        let secret = self.webhook_secret.as_ref().ok_or(CallbackRefusal::NotSupported)?;
        signature::verify(secret.expose_secret().as_bytes(), headers, body, now)?;
        Ok(vec![event::parse(body)?])
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        Some(self)
    }
}

#[async_trait]
impl SettlementReports for StripeGateway {
    async fn settlement(&self, asked: &SettlementRequest) -> Result<SettlementPage, GatewayError> {
        report::rows(&self.connection.report(report::page(asked)?).await?)
    }
}
