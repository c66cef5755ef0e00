use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{Money, TenantId};
use tender_domain::ports::{
    Authorize, CallKind, Capabilities, Capture, CardData, CompleteChallenge, GatewayAnswer, GatewayError,
    Lookup, LookupRequest, NEVER_FINAL, PaymentGateway, Refund, SessionRequest, SettlementPage,
    SettlementReports, SettlementRequest, ThreeDs, TokenisedCard, UnknownOutcome, Void,
};

use super::answer::{self, Begun, Held, Reading, Taking};
use super::call::{Connection, WHO};
use super::challenge::Challenge;
use super::request::{self, Request};
use super::token::alias;
use super::{cards, challenge, report};
use crate::name::Kind;
use crate::rest::{InvalidGatewayOptions, nothing_sent, only_asked};
use crate::said::{approved, cannot_authenticate, no_token, still_open, taken_once, unknown};

/// The connector's name.
pub(super) const PROCESSOR: &str = "saferpay";

/// Which account of Saferpay, and how long it may take.
#[derive(Debug, Clone)]
pub struct SaferpayOptions {
    /// Where the API is (`https://www.saferpay.com/api`).
    pub api_base: String,
    /// The name of the API's user (`API_123456_12345678`).
    pub username: String,
    /// The user's password.
    pub password: SecretString,
    /// Whose account it is: the customer id, 1 to 8 digits.
    pub customer_id: String,
    /// The terminal that is paid at, 8 digits.
    pub terminal_id: String,
    /// Where customers come back to after a challenge or from Saferpay's page, when the payment does not say.
    pub return_url: Option<String>,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl SaferpayOptions {
    /// An account with the usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(
        api_base: impl Into<String>,
        username: impl Into<String>,
        password: impl Into<SecretString>,
        customer_id: impl Into<String>,
        terminal_id: impl Into<String>,
    ) -> Self {
        Self {
            api_base: api_base.into(),
            username: username.into(),
            password: password.into(),
            customer_id: customer_id.into(),
            terminal_id: terminal_id.into(),
            return_url: None,
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// An account at Saferpay.
pub struct SaferpayGateway {
    connection: Connection,
    terminal_id: String,
    return_url: Option<String>,
}

impl SaferpayGateway {
    /// A gateway for this account; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL, or the user's name, the customer id or the terminal is none.
    pub fn new(options: SaferpayOptions) -> Result<Self, InvalidGatewayOptions> {
        let invalid = |option, problem: &str| InvalidGatewayOptions {
            gateway: WHO,
            option,
            problem: problem.to_owned(),
        };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !(1..=8).contains(&options.customer_id.len()) || !digits(&options.customer_id) {
            return Err(invalid("customer_id", "write 1 to 8 digits"));
        }
        if options.terminal_id.len() != 8 || !digits(&options.terminal_id) {
            return Err(invalid("terminal_id", "write 8 digits"));
        }
        let connection = Connection::new(&options)?;
        Ok(Self { connection, terminal_id: options.terminal_id, return_url: options.return_url })
    }

    async fn page(
        &self,
        request: &Authorize,
        session: &SessionRequest,
    ) -> Result<GatewayAnswer, GatewayError> {
        if session.method != SessionRequest::CARD {
            return Err(GatewayError::NotDone(format!("there are no sessions of {} here", session.method)));
        }
        let asked = request::page(request, session, (&self.terminal_id, self.return_url.as_deref()))?;
        let page = answer::page(&self.connection.post(asked).await.map_err(nothing_sent)?)?;
        Challenge { is_page: true, is_sale: request.capture, token: &page.token }.answer(page.redirect_url)
    }

    /// What Saferpay has of a transaction that is asked for; none when it authorized none.
    async fn found(&self, asked: Request) -> Result<Option<Held>, GatewayError> {
        answer::found(&self.connection.post(asked).await?)
    }

    /// A payment, before anything is done with it.
    async fn held(&self, gateway_reference: &str) -> Result<Held, GatewayError> {
        let found = self.found(request::inquire(gateway_reference)?).await.map_err(nothing_sent)?;
        let held = found.filter(|held| held.transaction.kind == "PAYMENT");
        held.ok_or_else(|| GatewayError::NotDone("Saferpay has no such payment".to_owned()))
    }

    /// Takes what was authorized, where it is to be taken at once. `wanted` is what was asked for, when that is known: of
    /// another amount nothing is taken.
    async fn ended(
        &self,
        held: &Held,
        is_sale: bool,
        wanted: Option<Money>,
    ) -> Result<GatewayAnswer, GatewayError> {
        match (held.transaction.status.as_str(), is_sale) {
            ("CAPTURED", _) => Ok(held.approved(true)),
            ("AUTHORIZED", true) if wanted.is_none_or(|wanted| wanted == held.amount) => {
                self.take(held).await?;
                Ok(held.approved(true))
            }
            ("AUTHORIZED", _) => Ok(held.approved(false)),
            ("CANCELED", _) => Ok(answer::was_let_go()),
            (status, _) => Err(unknown(&format!("the payment is {status} at Saferpay"))),
        }
    }

    /// Takes all that was authorized: the second step of a sale and of a refund. The first is done, so that whatever keeps
    /// from this leaves the outcome unknown; it is taken up again when the outcome is asked for.
    async fn take(&self, held: &Held) -> Result<(), GatewayError> {
        let taken = match self.connection.post(request::take(&held.transaction.id, None)).await {
            Ok(response) => answer::taken(&response).map(drop),
            Err(error) => Err(error),
        };
        taken.map_err(|error| unknown(&format!("it is authorized and not taken yet: {error}")))
    }

    async fn read(
        &self,
        reading: Reading,
        is_sale: bool,
        wanted: Option<Money>,
    ) -> Result<GatewayAnswer, GatewayError> {
        match reading {
            Reading::Held(held) => self.ended(&held, is_sale, wanted).await,
            Reading::Ended(answer) => Ok(answer),
        }
    }

    async fn given_back(&self, held: &Held) -> Result<GatewayAnswer, GatewayError> {
        match (held.transaction.kind.as_str(), held.transaction.status.as_str()) {
            ("REFUND", "CAPTURED") => {}
            ("REFUND", "AUTHORIZED") => self.take(held).await?,
            (kind, status) => return Err(unknown(&format!("the {kind} is {status} at Saferpay"))),
        }
        Ok(approved(&held.transaction.id, held.amount, false))
    }

    /// What became of an authorization, by our reference; none while Saferpay authorized none.
    async fn became(
        &self,
        tenant: &TenantId,
        reference: &str,
    ) -> Result<Option<GatewayAnswer>, GatewayError> {
        for kind in [Kind::Hold, Kind::Sale] {
            if let Some(held) = self.found(request::inquire_ours(kind, tenant, reference)?).await? {
                return self.ended(&held, kind == Kind::Sale, None).await.map(Some);
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl PaymentGateway for SaferpayGateway {
    fn name(&self) -> &'static str {
        PROCESSOR
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Lookup,
            // A transaction is captured once, and shows how much was: sent again it has no other effect, and tells that.
            unknown_capture: UnknownOutcome::AGAIN,
            unknown_refund: UnknownOutcome::Lookup,
            not_found_is_final_after: NEVER_FINAL,
            partial_capture: true,
            several_captures: false,
            ends_by_callback: false,
            page_outlives_tries: false,
        }
    }

    fn alternative_methods(&self) -> &[&'static str] {
        &[SessionRequest::CARD]
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        if let Some(session) = &request.session {
            return self.page(request, session).await;
        }
        let Some(alias) = alias(&request.token, &request.tenant) else { return Ok(no_token(WHO)) };
        let (wanted, is_forced) = (Some(request.amount), request.three_ds == ThreeDs::Force);
        let back = request.sca.return_url.as_deref().or(self.return_url.as_deref());
        let Some(back) = back.filter(|_| !request.off_session) else {
            if is_forced {
                return Ok(cannot_authenticate("the customer is away, or has no way back to us"));
            }
            let asked = request::direct(request, alias, &self.terminal_id)?;
            let reading = answer::authorized(&self.connection.post(asked).await?)?;
            return self.read(reading, request.capture, wanted).await;
        };
        let asked = request::initialize(request, alias, (&self.terminal_id, back))?;
        // Nothing is held by it, whatever became of it.
        let begun = self.connection.post(asked).await.and_then(|response| answer::begun(&response));
        match begun.map_err(nothing_sent)? {
            Begun::Ended(answer) => Ok(answer),
            Begun::Redirect { url, token } => {
                Challenge { is_page: false, is_sale: request.capture, token: &token }.answer(url)
            }
            Begun::Ready(token) => {
                let reading = answer::authorized(&self.connection.post(request::authorize(&token)).await?)?;
                self.read(reading, request.capture, wanted).await
            }
        }
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        taken_once(request.is_final)?;
        let asked = request::capture(request)?;
        let held = self.held(&request.gateway_reference).await?;
        match held.transaction.status.as_str() {
            "AUTHORIZED" => {}
            // It is captured once: by the same call before, whose answer was lost, or since then by a person in the
            // Backoffice. The amount is what was taken.
            "CAPTURED" if request.is_again => return Ok(approved(&request.reference, held.amount, true)),
            // Nothing was taken of it, also not by the same call before.
            "CANCELED" => return Ok(answer::was_let_go()),
            status => {
                let why = format!("the payment has nothing to take at Saferpay, where it is {status}");
                return Err(GatewayError::NotDone(why));
            }
        }
        match answer::taken(&self.connection.post(asked).await?)? {
            // It names no amount: what it takes is what was asked.
            Taking::Now => Ok(approved(&request.reference, request.amount, true)),
            // Saferpay shows it minutes later, with how much.
            Taking::Before => {
                Err(unknown("it was captured before, and Saferpay does not show yet how much of it"))
            }
        }
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        let held = self.held(&request.gateway_reference).await?;
        match held.transaction.status.as_str() {
            "AUTHORIZED" => {
                let asked = request::cancel(&held.transaction.id);
                answer::canceled(&self.connection.post(asked).await?, &held.transaction.id)?;
            }
            "CANCELED" => {}
            "CAPTURED" => return Ok(answer::was_taken()),
            status => return Err(unknown(&format!("the payment is {status} at Saferpay"))),
        }
        Ok(held.approved(false))
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        let held = self.held(&request.gateway_reference).await?;
        match held.transaction.status.as_str() {
            "CAPTURED" => {}
            // What was captured a moment ago may be shown minutes later.
            "AUTHORIZED" => {
                return Err(GatewayError::NotNow(
                    "Saferpay does not show the payment as captured yet".to_owned(),
                ));
            }
            _ => {
                return Err(GatewayError::NotDone(
                    "the payment has nothing to give back at Saferpay".to_owned(),
                ));
            }
        }
        let asked = request::refund(request, held.transaction.capture_id.as_deref())?;
        match answer::authorized(&self.connection.post(asked).await?)? {
            Reading::Held(refund) => self.given_back(&refund).await,
            Reading::Ended(answer) => Ok(answer),
        }
    }

    /// The customer came back: what the browser brings is not needed, Saferpay is asked by the challenge's own token.
    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        let Some(challenge) = challenge::of(&request.challenge_reference) else {
            return Err(GatewayError::NotDone("Saferpay has no such challenge".to_owned()));
        };
        let token = challenge.token;
        let asked = if challenge.is_page { request::assert(token) } else { request::authorize(token) };
        let response = self.connection.post(asked).await;
        if response.as_ref().is_ok_and(answer::is_not_started) {
            return Ok(still_open(&request.challenge_reference));
        }
        let reading = match response.and_then(|response| answer::authorized(&response)) {
            Ok(reading) => reading,
            // A token that is over, perhaps because it served before.
            Err(GatewayError::NotDone(why) | GatewayError::NotNow(why)) => {
                let became = only_asked(self.became(&request.tenant, &request.reference).await)?;
                return became.ok_or(GatewayError::NotDone(why));
            }
            Err(error) => return Err(error),
        };
        if let Reading::Held(held) = &reading
            && let Some(named) = held.transaction.order_id.as_deref()
            && !challenge.is_of(named, &request.tenant, &request.reference)
        {
            return Err(unknown("the challenge is of another payment"));
        }
        self.read(reading, challenge.is_sale, None).await
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        let became = match request.kind {
            CallKind::Authorize => self.became(&request.tenant, &request.reference).await,
            CallKind::Refund => {
                let asked = request::inquire_ours(Kind::Refund, &request.tenant, &request.reference)?;
                match self.found(asked).await {
                    Ok(Some(held)) => self.given_back(&held).await.map(Some),
                    Ok(None) => Ok(None),
                    Err(error) => Err(error),
                }
            }
            // A void is sent again; of a capture the question does not say of which payment it is.
            CallKind::Capture | CallKind::Void => return Ok(Lookup::Pending),
        };
        Ok(only_asked(became)?.map_or(Lookup::Pending, Lookup::Answered))
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
        let Ok(asked) = request::inquire(gateway_reference) else { return Ok(None) };
        let found = only_asked(self.found(asked).await)?;
        let named = found.and_then(|held| held.transaction.order_id);
        Ok(named.as_deref().and_then(request::name).map(|name| name.tenant))
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        Some(self)
    }
}

#[async_trait]
impl SettlementReports for SaferpayGateway {
    async fn settlement(&self, asked: &SettlementRequest) -> Result<SettlementPage, GatewayError> {
        let path = report::page(&self.terminal_id, asked)?;
        report::rows(asked, &self.connection.report(&path).await?)
    }
}
