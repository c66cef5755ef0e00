use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackFault, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData,
    CompleteChallenge, DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, GatewayFact, Lookup,
    LookupRequest, PaymentGateway, Refund, SettlementPage, SettlementReports, SettlementRequest, ThreeDs,
    TokenisedCard, UnknownOutcome, Void,
};

use super::answer::{self, Reading};
use super::call::Connection;
use super::certificate::Certificates;
use super::event::Resource;
use super::refusal::{nothing_sent, object, only_asked};
use super::signature::Signed;
use super::token::payment_token;
use super::wire::{Movement, Order};
use super::{cards, event, report, request, token};
use crate::said::still_open;

/// The method whose sessions it has: PayPal's own wallet.
const WALLET: &str = "paypal";
/// How long orders keep a request's id.
const KEY_LIFE: Duration = Duration::from_secs(6 * 3600);
/// How long payments keep that of a capture or a refund.
const PAYMENTS_KEY_LIFE: Duration = Duration::from_secs(45 * 24 * 3600);

/// Which account of PayPal, and how long it may take.
#[derive(Debug, Clone)]
pub struct PayPalOptions {
    /// Where the API is (`https://api-m.paypal.com`).
    pub api_base: String,
    /// The client id of the account's app.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: SecretString,
    /// Where customers come back to after a challenge; without it none is asked for.
    pub return_url: Option<String>,
    /// The id that PayPal gave to our address of webhooks; without it none is taken.
    pub webhook_id: Option<String>,
    /// The authorities whose certificates of webhooks are believed, in PEM; else those of the system.
    pub webhook_roots: Option<Vec<u8>>,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl PayPalOptions {
    /// An account with the usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(
        api_base: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<SecretString>,
    ) -> Self {
        Self {
            api_base: api_base.into(),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            return_url: None,
            webhook_id: None,
            webhook_roots: None,
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// The options cannot be used; says which one and why.
#[derive(Debug, thiserror::Error)]
#[error("PayPal's {option}: {problem}")]
pub struct InvalidPayPalOptions {
    /// Which option.
    pub option: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// An account at PayPal.
pub struct PayPalGateway {
    pub(super) connection: Connection,
    return_url: Option<String>,
    webhooks: Option<Webhooks>,
}

/// What webhooks are known by.
struct Webhooks {
    id: String,
    certificates: Certificates,
}

impl PayPalGateway {
    /// A gateway for this account; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL, the client id or the webhook's is none, or there are no authorities.
    pub fn new(options: PayPalOptions) -> Result<Self, InvalidPayPalOptions> {
        let connection = Connection::new(&options)?;
        let invalid = |option, problem| InvalidPayPalOptions { option, problem };
        let webhooks = options.webhook_id.map(|id| {
            if !(1..=50).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                let problem = "write the letters and digits that PayPal shows for the webhook".to_owned();
                return Err(invalid("webhook_id", problem));
            }
            let roots = options.webhook_roots.as_deref();
            let certificates = Certificates::new(&connection.base, roots, options.deadline);
            let certificates = certificates.map_err(|problem| invalid("webhook_roots", problem))?;
            Ok(Webhooks { id, certificates })
        });
        Ok(Self { webhooks: webhooks.transpose()?, connection, return_url: options.return_url })
    }

    /// What a webhook tells, under a certificate that is at hand.
    fn told(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<event::Told, CallbackRefusal> {
        let Webhooks { id, certificates } = self.webhooks.as_ref().ok_or(CallbackRefusal::NotSupported)?;
        let signed = Signed::of(headers, now)?;
        let message = signed.message(id, body);
        if !certificates.signed(signed.certificate, message.as_bytes(), &signed.signature, now) {
            return Err(CallbackRefusal::BadSignature);
        }
        event::parse(body)
    }

    /// A capture, asked for its order; none when PayPal has no such capture.
    async fn capture_of(&self, id: &str) -> Result<Option<Resource>, GatewayError> {
        let answer = self.connection.get(&format!("v2/payments/captures/{id}")).await?;
        match object(&answer)? {
            Ok(capture) => Ok(Some(capture)),
            Err(refusal) if refusal.is_not_found() => Ok(None),
            Err(refusal) => Err(refusal.error()),
        }
    }

    /// What an order is now.
    async fn order(&self, id: &str) -> Result<Order, GatewayError> {
        let answer = self.connection.get(&format!("v2/checkout/orders/{id}")).await?;
        object(&answer)?.map_err(|refusal| refusal.error())
    }

    /// The order that a payment is, before anything is done with it.
    async fn paid(&self, gateway_reference: &str) -> Result<Order, GatewayError> {
        self.order(request::order(gateway_reference)?).await.map_err(nothing_sent)
    }

    /// What a refund is now.
    async fn refund_again(&self, id: &str) -> Result<GatewayAnswer, GatewayError> {
        let answer = only_asked(self.connection.get(&format!("v2/payments/refunds/{id}")).await)?;
        let refund: Movement = only_asked(object(&answer)?.map_err(|refusal| refusal.error()))?;
        answer::refund_end(&refund)
    }
}

#[async_trait]
impl PaymentGateway for PayPalGateway {
    fn name(&self) -> &'static str {
        event::PROCESSOR
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Replay { key_life: KEY_LIFE },
            unknown_capture: UnknownOutcome::Replay { key_life: PAYMENTS_KEY_LIFE },
            unknown_refund: UnknownOutcome::Replay { key_life: PAYMENTS_KEY_LIFE },
            // Never told: it cannot be asked.
            not_found_is_final_after: KEY_LIFE,
            partial_capture: true,
            several_captures: false,
            ends_by_callback: false,
            page_outlives_tries: false,
        }
    }

    fn alternative_methods(&self) -> &[&'static str] {
        &[WALLET]
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        if let Some(session) = &request.session {
            if session.method != WALLET {
                return Err(GatewayError::NotDone(format!(
                    "there are no sessions of {} here",
                    session.method
                )));
            }
            let asked = request::wallet(request, session, self.return_url.as_deref())?;
            return answer::authorized(&self.connection.post(asked).await?);
        }
        let Some(token) = payment_token(&request.token, &request.tenant) else {
            return Ok(answer::no_token());
        };
        let return_url = self.return_url.as_deref();
        if request.three_ds == ThreeDs::Force && request.off_session {
            return Ok(answer::cannot_authenticate("the customer is away"));
        }
        if request.three_ds == ThreeDs::Force && return_url.is_none() {
            return Ok(answer::cannot_authenticate("customers have no way back to us"));
        }
        let asked = request::authorize(request, token, return_url)?;
        answer::authorized(&self.connection.post(asked).await?)
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        if !request.is_final {
            let why = "this connector takes what is held once, all or part; the rest is let go";
            return Err(GatewayError::NotDone(why.to_owned()));
        }
        let order = self.paid(&request.gateway_reference).await?;
        let authorization = answer::of_order(&order, |payments| &payments.authorizations)?;
        answer::captured(&self.connection.post(request::capture(request, authorization)?).await?)
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        let order = self.paid(&request.gateway_reference).await?;
        let id = answer::of_order(&order, |payments| &payments.authorizations)?;
        let answer = self.connection.post(request::void(request, id)).await?;
        let units = order.purchase_units.iter().filter_map(|unit| unit.payments.as_ref());
        let held = units.flat_map(|payments| &payments.authorizations).next();
        held.map_or_else(
            || Err(GatewayError::Unknown("PayPal's order has lost its authorization".to_owned())),
            |held| answer::voided(&answer, held),
        )
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        let order = self.paid(&request.gateway_reference).await?;
        let capture = answer::of_order(&order, |payments| &payments.captures)?;
        match answer::refunded(&self.connection.post(request::refund(request, capture)?).await?)? {
            Reading::Ended(outcome) => outcome,
            Reading::Unfinished(id) => self.refund_again(&id).await,
        }
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        // The challenge is named by its order; what the browser brings names one only where there is no such name.
        let own = token::is_id(&request.challenge_reference).then(|| request.challenge_reference.clone());
        let is_own = own.is_some();
        let Some(id) = own.or_else(|| request::brought(&request.result)) else {
            return Err(GatewayError::Unknown("the browser brought no order".to_owned()));
        };
        let order = match only_asked(self.order(&id).await) {
            Ok(order) if answer::is_ours(&order, &request.tenant, &request.reference) => order,
            Ok(_) => return Err(GatewayError::Unknown("the order is of another payment".to_owned())),
            // An order is paid by us alone, and nothing was sent that pays it.
            Err(_) if is_own => return Ok(still_open(&request.challenge_reference)),
            Err(error) => return Err(error),
        };
        // Met and not paid yet. A wallet's order is approved by its owner alone.
        let is_met = match order.status.as_str() {
            "APPROVED" => true,
            "CREATED" => !answer::is_of_wallet(&order),
            _ => false,
        };
        if !is_met {
            return answer::payment(&order);
        }
        if let Some(failed) = answer::failed_authentication(&order) {
            return Ok(failed);
        }
        let capture = order.intent == "CAPTURE";
        answer::completed(&self.connection.post(request::complete(request, &id, capture)).await?, &id)
    }

    async fn lookup(&self, _request: &LookupRequest) -> Result<Lookup, GatewayError> {
        Ok(Lookup::Pending)
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

    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        Ok(vec![self.told(headers, body, now)?.event])
    }

    async fn read_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackFault> {
        let Webhooks { certificates, .. } = self.webhooks.as_ref().ok_or(CallbackRefusal::NotSupported)?;
        certificates.fetch(Signed::of(headers, now)?.certificate, now).await?;
        let event::Told { mut event, of_capture } = self.told(headers, body, now)?;
        let Some(told) = of_capture else { return Ok(vec![event]) };
        let asked = self.capture_of(&told.capture).await;
        // PayPal sends it again.
        let capture = asked.map_err(|error| CallbackFault::Unavailable(error.to_string()))?;
        if let Some((capture, order)) = capture.as_ref().and_then(|one| Some((one, one.order()?))) {
            event.tenant = event.tenant.or_else(|| capture.owner());
            event.gateway_reference = Some(order.to_owned());
            event.fact = told.fact(order).unwrap_or(GatewayFact::Other);
        }
        Ok(vec![event])
    }

    async fn owner_of_payment(&self, gateway_reference: &str) -> Result<Option<TenantId>, GatewayError> {
        let Ok(id) = request::order(gateway_reference) else { return Ok(None) };
        let answer = only_asked(self.connection.get(&format!("v2/checkout/orders/{id}")).await)?;
        match object::<Order>(&answer)? {
            Ok(order) => Ok(answer::owner(&order)),
            Err(refusal) if refusal.is_not_found() => Ok(None),
            Err(refusal) => only_asked(Err(refusal.error())),
        }
    }

    async fn check_reachable(&self) -> Result<(), GatewayError> {
        self.connection.open().await
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        Some(self)
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        Some(self)
    }
}

#[async_trait]
impl SettlementReports for PayPalGateway {
    async fn settlement(&self, asked: &SettlementRequest) -> Result<SettlementPage, GatewayError> {
        report::rows(&self.connection.report(&report::page(asked)?).await?)
    }
}
