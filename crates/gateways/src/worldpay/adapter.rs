use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallKind, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData, Clock,
    CompleteChallenge, DeclineCode, GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest,
    MethodChecks, NEVER_FINAL, PaymentGateway, Refund, SessionRequest, SettlementPage, SettlementReports,
    SettlementRequest, ThreeDs, TokenisedCard, UnknownOutcome, Void,
};

use super::call::{Connection, WHO};
use super::known::{self, CANCEL, Known, REFUND, SETTLE, Shown};
use super::request::{self, Account, NAMES};
use super::signature::Keys;
use super::token::token_id;
use super::{answer, cards, event, report};
use crate::name::{Kind, Name};
use crate::rest::{InvalidGatewayOptions, nothing_sent, only_asked};
use crate::said::{approved, cannot_authenticate, declined, no_token, still_open, taken_once, unknown};

/// Which account of Worldpay, and how long it may take.
#[derive(Debug, Clone)]
pub struct WorldpayOptions {
    /// Where the APIs are (`https://access.worldpay.com`).
    pub api_base: String,
    /// The name of the API's user.
    pub username: String,
    /// The user's password.
    pub password: SecretString,
    /// The entity that is paid.
    pub entity: String,
    /// What stands on statements when a payment says nothing of it: 1 to 24 letters, digits, spaces and `.-,`.
    pub narrative: String,
    /// What signs events: `<key id>:<secret>`, separated by commas; without one none is taken.
    pub event_keys: Option<SecretString>,
    /// Where customers come back to from Worldpay's page, when a session does not say.
    pub return_url: Option<String>,
    /// The account whose statements are fetched; without one none are.
    pub account_number: Option<String>,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl WorldpayOptions {
    /// An account with the usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(
        api_base: impl Into<String>,
        username: impl Into<String>,
        password: impl Into<SecretString>,
        entity: impl Into<String>,
        narrative: impl Into<String>,
    ) -> Self {
        Self {
            api_base: api_base.into(),
            username: username.into(),
            password: password.into(),
            entity: entity.into(),
            narrative: narrative.into(),
            event_keys: None,
            return_url: None,
            account_number: None,
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// An account at Worldpay.
pub struct WorldpayGateway {
    pub(super) connection: Connection,
    options: WorldpayOptions,
    clock: Arc<dyn Clock>,
    keys: Option<Keys>,
}

impl WorldpayGateway {
    /// A gateway for this account; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL, the user's name or the narrative is none, or a key of events.
    pub fn new(options: WorldpayOptions, clock: Arc<dyn Clock>) -> Result<Self, InvalidGatewayOptions> {
        let invalid = |option, problem: &str| InvalidGatewayOptions {
            gateway: WHO,
            option,
            problem: problem.to_owned(),
        };
        if request::narrative(&options.narrative).as_deref() != Some(options.narrative.as_str()) {
            return Err(invalid("narrative", "write 1 to 24 letters, digits, spaces and .-,"));
        }
        let no_keys = || invalid("event_keys", "write <key id>:<secret>, several separated by commas");
        let keys = options.event_keys.as_ref().map(|text| Keys::of(text).ok_or_else(no_keys)).transpose()?;
        Ok(Self { connection: Connection::new(&options)?, options, clock, keys })
    }

    pub(super) fn account(&self) -> Account<'_> {
        Account { entity: &self.options.entity, narrative: &self.options.narrative }
    }

    async fn page(
        &self,
        request: &Authorize,
        session: &SessionRequest,
    ) -> Result<GatewayAnswer, GatewayError> {
        if session.method != SessionRequest::CARD {
            return Err(GatewayError::NotDone(format!("there are no sessions of {} here", session.method)));
        }
        let ends = (self.options.return_url.as_deref(), self.clock.now());
        let asked = self.account().page(request, session, ends)?;
        answer::page(&self.connection.post(asked).await?, &name_of(request)?)
    }

    /// What Worldpay knows of a payment, before anything is done with it.
    async fn known(&self, name: &str) -> Result<Known, GatewayError> {
        if Name::find(name).is_none() {
            return Err(GatewayError::NotDone("Worldpay has no such payment".to_owned()));
        }
        let known = known::known(&self.connection, name, &self.options.entity).await.map_err(nothing_sent)?;
        known.ok_or_else(|| {
            let why =
                "Worldpay does not show the payment; it can take a quarter of an hour after it was made";
            GatewayError::NotDone(why.to_owned())
        })
    }

    /// That the money was let go: for how much the search says, as soon as it shows the payment.
    async fn let_go(&self, name: &str) -> Result<GatewayAnswer, GatewayError> {
        match only_asked(known::shown(&self.connection, name).await)? {
            Some(Shown { amount: Some(amount), .. }) => Ok(approved(name, amount, false)),
            _ => Err(unknown("Worldpay lets the money go, and does not show for how much yet")),
        }
    }

    async fn became(
        &self,
        tenant: &TenantId,
        reference: &str,
    ) -> Result<Option<GatewayAnswer>, GatewayError> {
        for kind in [Kind::Hold, Kind::Sale] {
            let name = NAMES.name(kind, tenant, reference)?;
            let shown = known::shown(&self.connection, &name).await?;
            let Some(Shown { amount: Some(amount), .. }) = shown else { continue };
            let known = known::known(&self.connection, &name, &self.options.entity).await?;
            let ended =
                known.and_then(|known| answer::ended(&known.last_event, amount, &name, kind == Kind::Sale));
            return Ok(ended);
        }
        Ok(None)
    }
}

/// What Worldpay calls the payment.
fn name_of(request: &Authorize) -> Result<String, GatewayError> {
    NAMES.name(Kind::of_authorization(request.capture), &request.tenant, &request.reference)
}

#[async_trait]
impl PaymentGateway for WorldpayGateway {
    fn name(&self) -> &'static str {
        event::PROCESSOR
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Lookup,
            // Nothing makes a repetition harmless, and the question does not say of which payment it is.
            unknown_capture: UnknownOutcome::CallbackOnly,
            unknown_refund: UnknownOutcome::CallbackOnly,
            not_found_is_final_after: NEVER_FINAL,
            partial_capture: true,
            several_captures: false,
            ends_by_callback: false,
            // In no document that could be found; its older pages let a shopper try again, and so a refusal here ends nothing.
            page_outlives_tries: true,
        }
    }

    fn alternative_methods(&self) -> &[&'static str] {
        &[SessionRequest::CARD]
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        if let Some(session) = &request.session {
            return self.page(request, session).await;
        }
        let Some(id) = token_id(&request.token, &request.tenant) else { return Ok(no_token(WHO)) };
        if request.three_ds == ThreeDs::Force {
            return Ok(cannot_authenticate("a stored card cannot be here; Worldpay's own page can do it"));
        }
        let asked = self.account().authorize(request, &self.connection.token_href(id)?)?;
        answer::authorized(&self.connection.post(asked).await?, request, &name_of(request)?)
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        taken_once(request.is_final)?;
        let known = self.known(&request.gateway_reference).await?;
        let Some(href) = known.href(SETTLE).filter(|_| !was_taken(&known)) else {
            return Err(GatewayError::NotDone("the payment has nothing to take at Worldpay".to_owned()));
        };
        let taken = self.connection.post(request::capture(request, href)?).await?;
        answer::accepted(&taken, answer::CAPTURE)?;
        Ok(approved(&request.reference, request.amount, true))
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        let known = self.known(&request.gateway_reference).await?;
        if answer::is_let_go(&known.last_event) {
            return self.let_go(&request.gateway_reference).await;
        }
        if was_taken(&known) || answer::is_taken(&known.last_event) {
            let why = "the money was taken; it can only be given back";
            return Ok(declined(DeclineCode::TransactionNotAllowed, why));
        }
        // Nobody has taken it, as far as is shown.
        let Some(href) = known.href(CANCEL) else {
            return Err(unknown("Worldpay shows no way to let the money go"));
        };
        answer::accepted(&self.connection.post(request::void(href)).await?, answer::VOID)?;
        self.let_go(&request.gateway_reference).await
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        let known = self.known(&request.gateway_reference).await?;
        let Some(href) = known.href(REFUND) else {
            return Err(GatewayError::NotDone("the payment has nothing to give back at Worldpay".to_owned()));
        };
        let given_back = self.connection.post(request::refund(request, href)?).await?;
        answer::accepted(&given_back, answer::REFUND)?;
        Ok(approved(&request.reference, request.amount, false))
    }

    /// The customer came back from the page: what the browser brings is not trusted, Worldpay is asked. Where a card was
    /// refused another one can be tried on the page, until its time is over.
    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        match only_asked(self.became(&request.tenant, &request.reference).await)? {
            Some(GatewayAnswer::Declined(why)) if answer::is_refusal(&why) => {
                Ok(still_open(&request.challenge_reference))
            }
            Some(became) => Ok(became),
            None => Err(unknown("Worldpay does not show the payment yet")),
        }
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        // Captures and refunds are told by events alone: the question does not say of which payment.
        if request.kind != CallKind::Authorize {
            return Ok(Lookup::Pending);
        }
        let became = only_asked(self.became(&request.tenant, &request.reference).await)?;
        Ok(became.map_or(Lookup::Pending, Lookup::Answered))
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        let account = (self.options.entity.as_str(), &self.options.password);
        cards::tokenise(&self.connection, account, tenant, card).await
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
        _now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        let keys = self.keys.as_ref().ok_or(CallbackRefusal::NotSupported)?;
        keys.verify(headers, body)?;
        Ok(vec![event::parse(body)?])
    }

    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        Some(self)
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        self.options.account_number.as_ref().map(|_| self as &dyn SettlementReports)
    }
}

/// Whether money was taken of it already: the first part is the last here.
fn was_taken(known: &Known) -> bool {
    known.href(REFUND).is_some()
}

#[async_trait]
impl SettlementReports for WorldpayGateway {
    async fn settlement(&self, asked: &SettlementRequest) -> Result<SettlementPage, GatewayError> {
        let Some(account) = &self.options.account_number else {
            return Err(GatewayError::NotDone("no account is set whose statements are fetched".to_owned()));
        };
        let answer = self.connection.get(&report::page(account, asked)?).await?;
        if !answer.is_success() {
            return Err(answer::refusal(&answer));
        }
        report::rows(&answer)
    }
}
