use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData, CompleteChallenge,
    DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest, PaymentGateway, Refund,
    SessionRequest, SettlementPage, SettlementReports, SettlementRequest, ThreeDs, TokenisedCard,
    UnknownOutcome, Void,
};

use super::answer::{self, Reading};
use super::call::{Connection, WHO};
use super::event::{self, Signer};
use super::page::{Page, Visited};
use super::token::{Token, is_id};
use super::wire::{Payment, WithPayment, WithRefund};
use super::{cards, report, request};
use crate::name::Name;
use crate::rest::{InvalidGatewayOptions, nothing_sent, only_asked};
use crate::said::{cannot_authenticate, met_meanwhile, no_token, still_open, taken_once, unknown};

/// How long a request may be sent again under its key: Square publishes no time, and means a day's repetitions.
const KEY_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Which account of Square, and how long it may take.
#[derive(Debug, Clone)]
pub struct SquareOptions {
    /// Where the API is (`https://connect.squareup.com`).
    pub api_base: String,
    /// The access token of the seller's account.
    pub access_token: SecretString,
    /// The location that is paid.
    pub location_id: String,
    /// What signs webhooks; without it none is taken.
    pub signature_key: Option<SecretString>,
    /// The address that Square sends webhooks to, exactly as in its dashboard: it is a part of what is signed.
    pub notification_url: Option<String>,
    /// Where customers come back to from Square's page, when a session does not say.
    pub return_url: Option<String>,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl SquareOptions {
    /// An account with the usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(
        api_base: impl Into<String>,
        access_token: impl Into<SecretString>,
        location_id: impl Into<String>,
    ) -> Self {
        Self {
            api_base: api_base.into(),
            access_token: access_token.into(),
            location_id: location_id.into(),
            signature_key: None,
            notification_url: None,
            return_url: None,
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// An account at Square.
pub struct SquareGateway {
    pub(super) connection: Connection,
    location_id: String,
    return_url: Option<String>,
    signer: Option<Signer>,
}

impl SquareGateway {
    /// A gateway for this account; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL, the token cannot be sent in a header, or webhooks are signed for no
    /// address.
    pub fn new(options: SquareOptions) -> Result<Self, InvalidGatewayOptions> {
        let connection = Connection::new(&options)?;
        if !is_id(&options.location_id) {
            return Err(InvalidGatewayOptions {
                gateway: WHO,
                option: "location_id",
                problem: "it is no id of Square's".to_owned(),
            });
        }
        let SquareOptions { location_id, signature_key, notification_url, return_url, .. } = options;
        let signer = match (signature_key, notification_url) {
            (Some(key), Some(url)) => Some(Signer { key, url }),
            (None, _) => None,
            (Some(_), None) => {
                return Err(InvalidGatewayOptions {
                    gateway: WHO,
                    option: "notification_url",
                    problem: "it is needed beside the signature key".to_owned(),
                });
            }
        };
        Ok(Self { connection, location_id, return_url, signer })
    }

    /// What a payment is now.
    async fn payment(&self, id: &str) -> Result<Payment, GatewayError> {
        answer::about(&self.connection.get(&format!("v2/payments/{id}")).await?)
    }

    /// What a refund is now.
    async fn refund_again(&self, id: &str) -> Result<GatewayAnswer, GatewayError> {
        if !is_id(id) {
            return Err(unknown("Square's refund has no id"));
        }
        let answer = only_asked(self.connection.get(&format!("v2/refunds/{id}")).await)?;
        if !answer.is_success() {
            return Err(unknown("Square does not show the refund"));
        }
        answer::refund_end(&answer.json::<WithRefund>(WHO)?.refund)
    }

    /// What became of a page.
    async fn visited(&self, page: &Page<'_>) -> Result<Visited, GatewayError> {
        let order = match page.order {
            Some(order) => order.to_owned(),
            None => {
                let answer = self.connection.get(&page.path()).await?;
                answer::order_of(&answer)?.ok_or_else(|| unknown("Square's page has no order"))?
            }
        };
        let order = answer::order(&self.connection.get(&format!("v2/orders/{order}")).await?)?;
        // A card that was declined is there too, and another one may be tried.
        for id in order.tenders.into_iter().filter_map(|tender| tender.payment_id).filter(|id| is_id(id)) {
            let payment = self.payment(&id).await?;
            if !answer::came_to_nothing(&payment) {
                return Ok(Visited::Paid(Box::new(payment)));
            }
        }
        Ok(if order.state.as_deref() == Some("CANCELED") { Visited::Closed } else { Visited::Open })
    }
}

#[async_trait]
impl PaymentGateway for SquareGateway {
    fn name(&self) -> &'static str {
        event::PROCESSOR
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::Replay { key_life: KEY_LIFE },
            unknown_capture: UnknownOutcome::Replay { key_life: KEY_LIFE },
            unknown_refund: UnknownOutcome::Replay { key_life: KEY_LIFE },
            // Never told: it cannot be asked.
            not_found_is_final_after: KEY_LIFE,
            partial_capture: true,
            several_captures: false,
            ends_by_callback: false,
            page_outlives_tries: true,
        }
    }

    fn alternative_methods(&self) -> &[&'static str] {
        &[SessionRequest::CARD]
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        if let Some(session) = &request.session {
            if session.method != SessionRequest::CARD {
                return Err(GatewayError::NotDone(format!(
                    "there are no sessions of {} here",
                    session.method
                )));
            }
            let ends = (self.location_id.as_str(), self.return_url.as_deref());
            let asked = request::page(request, session, ends)?;
            return answer::page(&self.connection.post(asked).await?);
        }
        let Some(token) = Token::of(&request.token, &request.tenant) else { return Ok(no_token(WHO)) };
        if request.three_ds == ThreeDs::Force {
            return Ok(cannot_authenticate("a stored card cannot be here; Square's own page can do it"));
        }
        let asked = request::authorize(request, token, &self.location_id)?;
        answer::authorized(&self.connection.post(asked).await?)
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        taken_once(request.is_final)?;
        let resize = request::resize(request)?;
        let id = request::payment(&request.gateway_reference)?;
        let before = self.payment(id).await.map_err(nothing_sent)?;
        let resized = answer::about(&self.connection.put(resize).await?)?;
        // Taken before, and the change is known: it was this capture that took it.
        if before.status == "COMPLETED" {
            return answer::captured(&before, &request.reference);
        }
        let Some(version) = resized.version_token else {
            return Err(unknown("Square's payment has no version"));
        };
        let done = self.connection.post(request::complete(id, &version)).await?;
        answer::captured(&answer::about(&done)?, &request.reference)
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        let id = request::payment(&request.gateway_reference)?;
        let now = self.payment(id).await.map_err(nothing_sent)?;
        if let Some(outcome) = answer::voided(&now) {
            return outcome;
        }
        let canceled = answer::about(&self.connection.post(request::cancel(id)).await?)?;
        answer::voided(&canceled).unwrap_or_else(|| Err(unknown("the payment is not let go at Square")))
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        match answer::refunded(&self.connection.post(request::refund(request)?).await?)? {
            Reading::Ended(outcome) => outcome,
            Reading::Unfinished(id) => self.refund_again(&id).await,
        }
    }

    /// The customer came back from the page: what the browser brings is not needed, Square is asked.
    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        let page = Page::of(&request.challenge_reference)?;
        match only_asked(self.visited(&page).await)? {
            Visited::Paid(payment) if answer::is_ours(&payment, &request.tenant, &request.reference) => {
                answer::payment(&payment)
            }
            Visited::Paid(_) => Err(unknown("the page is of another payment")),
            Visited::Open => Ok(still_open(&request.challenge_reference)),
            Visited::Closed => Err(GatewayError::NotDone("nobody paid on Square's page".to_owned())),
        }
    }

    /// Takes the page away, so that nobody pays there any more. Whoever paid before is found before, and whoever paid
    /// meanwhile afterwards: Square may take away a page and leave what it sells to be paid.
    async fn give_up_challenge(&self, request: &Void) -> Result<Option<GatewayAnswer>, GatewayError> {
        let page = Page::of(&request.gateway_reference)?;
        if let Visited::Paid(_) = only_asked(self.visited(&page).await)? {
            return Ok(Some(met_meanwhile()));
        }
        let answer = self.connection.delete(&page.path()).await?;
        if !answer.is_success() && answer.status != 404 {
            return Err(answer::refusal(&answer, &answer::problems(&answer)?));
        }
        match only_asked(self.visited(&page).await)? {
            Visited::Paid(_) => Ok(Some(met_meanwhile())),
            Visited::Closed => Ok(None),
            Visited::Open => Err(unknown("Square took the page away, and its order can be paid yet")),
        }
    }

    async fn lookup(&self, _request: &LookupRequest) -> Result<Lookup, GatewayError> {
        Ok(Lookup::Pending)
    }

    /// Square takes no card numbers: only what its own form in the shop's page makes of them.
    async fn tokenise(&self, _tenant: &TenantId, _card: &CardData) -> Result<TokenisedCard, GatewayError> {
        let why = "Square takes no card numbers; send what its form in your page made (cnon:…)";
        Err(GatewayError::NotDone(why.to_owned()))
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
        let signer = self.signer.as_ref().ok_or(CallbackRefusal::NotSupported)?;
        signer.verify(headers, body)?;
        Ok(vec![event::parse(body)?])
    }

    async fn owner_of_payment(&self, gateway_reference: &str) -> Result<Option<TenantId>, GatewayError> {
        if !is_id(gateway_reference) {
            return Ok(None);
        }
        let answer = only_asked(self.connection.get(&format!("v2/payments/{gateway_reference}")).await)?;
        if answer.status == 404 {
            return Ok(None);
        }
        if !answer.is_success() {
            return only_asked(
                answer::problems(&answer).and_then(|problems| Err(answer::refusal(&answer, &problems))),
            );
        }
        let payment = answer.json::<WithPayment>(WHO)?.payment;
        Ok(payment.note.as_deref().and_then(Name::find).map(|name| name.tenant))
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        Some(self)
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        Some(self)
    }

    async fn check_reachable(&self) -> Result<(), GatewayError> {
        let answer = self.connection.get(&format!("v2/locations/{}", self.location_id)).await?;
        if answer.is_success() { Ok(()) } else { Err(answer::refusal(&answer, &answer::problems(&answer)?)) }
    }
}

#[async_trait]
impl SettlementReports for SquareGateway {
    async fn settlement(&self, asked: &SettlementRequest) -> Result<SettlementPage, GatewayError> {
        report::page(&self.connection, &self.location_id, asked).await
    }
}
