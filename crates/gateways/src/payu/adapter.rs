use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{Money, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackFault, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData, Clock,
    CompleteChallenge, GatewayAnswer, GatewayError, GatewayEvent, GatewayFact, Lookup, LookupRequest,
    NEVER_FINAL, PaymentGateway, Refund, ReportsBy, SessionRequest, SettlementPage, SettlementReports,
    SettlementRequest, ThreeDs, TokenisedCard, UnknownOutcome, Void,
};

use super::answer::{self, Made, Standing};
use super::call::{Connection, WHO};
use super::columns::Columns;
use super::options::PayUOptions;
use super::request::{self, Shop};
use super::token::Token;
use super::wire::Order;
use super::{cards, event, report, signature};
use crate::name::{Kind, Name};
use crate::rest::{InvalidGatewayOptions, nothing_sent, only_asked};
use crate::said::{approved, cannot_authenticate, met_meanwhile, no_token, still_open, taken_once, unknown};

/// How often an order that is being paid is looked at again before its notification is waited for, and what part of a
/// call's time the first of the pauses between takes; each is twice the one before.
const LOOKS_AGAIN: u32 = 3;
const PAUSE_PART: u32 = 20;

/// A point of sale at PayU.
pub struct PayUGateway {
    connection: Connection,
    options: PayUOptions,
    columns: Columns,
    clock: Arc<dyn Clock>,
}

impl PayUGateway {
    /// A gateway for this point of sale; nothing is sent yet.
    ///
    /// # Errors
    /// When an address is no `http` or `https` URL, the point of sale is no number, a key is empty, or the columns of
    /// statements say nothing that is known.
    pub fn new(options: PayUOptions, clock: Arc<dyn Clock>) -> Result<Self, InvalidGatewayOptions> {
        let invalid = |option, problem: &str| InvalidGatewayOptions {
            gateway: WHO,
            option,
            problem: problem.to_owned(),
        };
        let is_number = (1..=20).contains(&options.pos_id.len());
        if !is_number || !options.pos_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid("pos_id", "write the digits that PayU shows for the point of sale"));
        }
        if options.second_key.as_ref().is_some_and(|key| key.expose_secret().is_empty()) {
            return Err(invalid("second_key", "it is empty"));
        }
        for (option, url) in [("notify_url", &options.notify_url), ("return_url", &options.return_url)] {
            let is_one = |url: &String| url.starts_with("https://") || url.starts_with("http://");
            if !url.as_ref().is_none_or(is_one) {
                return Err(invalid(option, "write https://…"));
            }
        }
        let columns = Columns::read(options.statement_columns.as_deref().unwrap_or_default())
            .map_err(|problem| invalid("statement_columns", &problem))?;
        Ok(Self { connection: Connection::new(&options)?, options, columns, clock })
    }

    fn shop(&self) -> Shop<'_> {
        Shop { pos_id: &self.options.pos_id, notify_url: self.options.notify_url.as_deref() }
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
        match answer::made(&self.connection.post(self.shop().page(request, session, ends)?).await?)? {
            Made::Redirect { id, url } => {
                Ok(GatewayAnswer::Challenge { url, challenge_reference: id, creq: None })
            }
            Made::Declined(why) => Ok(GatewayAnswer::Declined(why)),
            Made::Order(_) => Err(unknown("PayU's page has no address")),
        }
    }

    /// An order as it stands; none when there is none.
    async fn order(&self, id: &str) -> Result<Option<Order>, GatewayError> {
        answer::order(&self.connection.get(&format!("api/v2_1/orders/{id}")).await?)
    }

    /// The order that a payment is, before anything is done with it.
    async fn known(&self, gateway_reference: &str) -> Result<Order, GatewayError> {
        let found = self.order(request::order(gateway_reference)?).await.map_err(nothing_sent)?;
        found.ok_or_else(|| GatewayError::NotDone("PayU has no such payment".to_owned()))
    }

    /// What became of an order that was made for a charge: looked at until it has an end, for a while.
    async fn watched(&self, id: &str, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        let mut pause = self.options.deadline / PAUSE_PART;
        for look in 0..=LOOKS_AGAIN {
            if look > 0 {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            let order = only_asked(self.order(id).await)?;
            let order = order.ok_or_else(|| unknown("PayU does not show the order yet"))?;
            if let Some(answer) = self.became(&order, request.capture, Some(request.amount)).await? {
                return Ok(answer);
            }
        }
        Err(unknown("the payment is on its way at PayU, which will tell"))
    }

    /// How an order ended, what was sold taken; none while it has no end. A sale of another amount than `wanted` is not
    /// taken.
    async fn became(
        &self,
        order: &Order,
        is_sale: bool,
        wanted: Option<Money>,
    ) -> Result<Option<GatewayAnswer>, GatewayError> {
        let id = &order.order_id;
        match answer::standing(order)? {
            Standing::Open(_) => Ok(None),
            Standing::Held(amount) if is_sale && wanted.is_none_or(|wanted| wanted == amount) => {
                self.confirm(id).await?;
                Ok(Some(approved(id, amount, true)))
            }
            Standing::Held(amount) => Ok(Some(approved(id, amount, false))),
            Standing::Taken(amount) if is_sale => Ok(Some(approved(id, amount, true))),
            Standing::Taken(_) => {
                let why = "PayU took by itself what was only to be held; switch off its automatic collection";
                Err(unknown(why))
            }
            Standing::Canceled(_) => {
                let tried = self.connection.get(&format!("api/v2_1/orders/{id}/transactions")).await;
                answer::canceled(&only_asked(tried)?, id).map(Some)
            }
        }
    }

    /// Takes all that an order holds: the second step of a sale. The first is done, so that whatever keeps from this leaves
    /// the outcome unknown; it is taken up again when PayU tells of the order, or the customer comes back.
    async fn confirm(&self, id: &str) -> Result<(), GatewayError> {
        let sent = self.connection.post(request::confirm(id)).await;
        let Err(why) = sent.and_then(|response| answer::done(&response)) else { return Ok(()) };
        // Refused, perhaps because it was taken at the same moment.
        if let (GatewayError::NotDone(_) | GatewayError::NotNow(_), Ok(Some(order))) =
            (&why, self.order(id).await)
            && let Standing::Taken(_) = answer::standing(&order)?
        {
            return Ok(());
        }
        Err(unknown(&format!("it is held and not taken yet: {why}")))
    }

    async fn cancel(&self, id: &str) -> Result<(), GatewayError> {
        answer::done(&self.connection.delete(&format!("api/v2_1/orders/{id}")).await?)
    }

    /// The same event with what has to be asked or done before it is whole.
    async fn completed(&self, event: GatewayEvent) -> Result<GatewayEvent, GatewayError> {
        let Some(id) = event.gateway_reference.as_deref() else { return Ok(event) };
        match &event.fact {
            // Our own refund, told without our name of it, would be a second one.
            GatewayFact::RefundedOutside(told) => {
                let path = format!("api/v2_1/orders/{id}/refunds/{}", told.gateway_reference);
                let refund = answer::refund_again(&self.connection.get(&path).await?)?;
                let Some(name) = event::ours(&refund) else { return Ok(event) };
                let fact = event::refund_fact(&refund, id).unwrap_or(GatewayFact::Other);
                Ok(GatewayEvent { tenant: Some(name.tenant), fact, ..event })
            }
            // A sale that waits.
            GatewayFact::Pending { .. } if event.event_type == event::WAITING => {
                let order = self.known(id).await?;
                if let Standing::Held(_) = answer::standing(&order)? {
                    self.confirm(id).await?;
                }
                Ok(event)
            }
            _ => Ok(event),
        }
    }
}

#[async_trait]
impl PaymentGateway for PayUGateway {
    fn name(&self) -> &'static str {
        event::PROCESSOR
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            unknown_outcome: UnknownOutcome::CallbackOnly,
            // An order waits until it is taken, once; and of one refund id there is one refund.
            unknown_capture: UnknownOutcome::AGAIN,
            unknown_refund: UnknownOutcome::AGAIN,
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
        let Some(token) = Token::of(&request.token, &request.tenant) else { return Ok(no_token(WHO)) };
        let back = request.sca.return_url.as_deref().or(self.options.return_url.as_deref());
        let back = back.filter(|_| !request.off_session);
        let nobody = "the customer is away, or has no way back to us";
        if request.three_ds == ThreeDs::Force && back.is_none() {
            return Ok(cannot_authenticate(nobody));
        }
        let asked = self.shop().charge(request, token, back)?;
        match answer::made(&self.connection.post(asked).await?)? {
            Made::Declined(why) => Ok(GatewayAnswer::Declined(why)),
            Made::Order(id) => self.watched(&id, request).await,
            Made::Redirect { id, url } if back.is_some() => {
                Ok(GatewayAnswer::Challenge { url, challenge_reference: id, creq: None })
            }
            Made::Redirect { id, .. } => {
                // Nobody is sent there, so that nobody pays it; where this fails it lapses.
                if let Err(error) = self.cancel(&id).await {
                    tracing::debug!(%error, "an order that nobody can authenticate was not canceled at PayU");
                }
                Ok(cannot_authenticate(nobody))
            }
        }
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        taken_once(request.is_final)?;
        let order = self.known(&request.gateway_reference).await?;
        let held = match answer::standing(&order).map_err(nothing_sent)? {
            Standing::Held(amount) if amount.currency() == request.amount.currency() => amount,
            // Nothing was taken of it, also not by the same call before.
            Standing::Canceled(_) => return Ok(answer::was_let_go()),
            _ => return Err(GatewayError::NotDone("the payment has nothing to take at PayU".to_owned())),
        };
        if request.amount.minor() > held.minor() {
            return Err(GatewayError::NotDone(format!("PayU holds {held} and not {}", request.amount)));
        }
        answer::done(&self.connection.post(request::capture(request, &order.order_id, held)?).await?)?;
        // It names no amount: what it takes is what was asked.
        Ok(approved(&request.reference, request.amount, true))
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        let order = self.known(&request.gateway_reference).await?;
        match answer::standing(&order).map_err(nothing_sent)? {
            Standing::Taken(_) => Ok(answer::was_taken()),
            Standing::Canceled(amount) => Ok(approved(&order.order_id, amount, false)),
            Standing::Open(amount) | Standing::Held(amount) => {
                self.cancel(&order.order_id).await?;
                Ok(approved(&order.order_id, amount, false))
            }
        }
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        let id = request::order(&request.gateway_reference)?;
        let currency = request.amount.currency().code();
        let made = match answer::refund_made(&self.connection.post(request::refund(request, id)?).await?)? {
            Ok(made) => made,
            Err(refused) => return Ok(refused),
        };
        if let Some(end) = answer::refund_end(&made, currency)? {
            return Ok(end);
        }
        let path = format!("api/v2_1/orders/{id}/refunds/{}", made.refund_id);
        let again = only_asked(self.connection.get(&path).await)?;
        let end = answer::refund_end(&only_asked(answer::refund_again(&again))?, currency)?;
        end.ok_or_else(|| unknown("the refund is on its way at PayU, which will tell"))
    }

    /// The customer came back: what the browser brings is not needed, PayU is asked by the order.
    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        let found = self.order(request::order(&request.challenge_reference)?).await;
        // PayU made the order that a challenge is: who does not find it asks another point of sale.
        let order = only_asked(found)?.ok_or_else(|| unknown("PayU does not show the challenge's order"))?;
        let name = order.ext_order_id.as_deref().and_then(Name::find);
        let is_ours = |name: &Name| name.tenant == request.tenant && name.reference == request.reference;
        let Some(name) = name.filter(is_ours) else {
            return Err(unknown("the challenge is of another payment"));
        };
        let became = self.became(&order, name.kind == Kind::Sale, None).await?;
        // Whoever pays after all pays this order, and PayU will tell.
        Ok(became.unwrap_or_else(|| still_open(&request.challenge_reference)))
    }

    async fn give_up_challenge(&self, request: &Void) -> Result<Option<GatewayAnswer>, GatewayError> {
        let order = self.known(&request.gateway_reference).await?;
        let answer = match answer::standing(&order).map_err(nothing_sent)? {
            Standing::Held(_) | Standing::Taken(_) => met_meanwhile(),
            Standing::Canceled(amount) => approved(&order.order_id, amount, false),
            Standing::Open(amount) => {
                self.cancel(&order.order_id).await?;
                approved(&order.order_id, amount, false)
            }
        };
        Ok(Some(answer))
    }

    async fn lookup(&self, _request: &LookupRequest) -> Result<Lookup, GatewayError> {
        Ok(Lookup::Pending)
    }

    /// PayU takes no card numbers here: only what its own form in the shop's page makes of them.
    async fn tokenise(&self, _tenant: &TenantId, _card: &CardData) -> Result<TokenisedCard, GatewayError> {
        let why = "PayU takes no card numbers; send what its form in your page made (TOK_…)";
        Err(GatewayError::NotDone(why.to_owned()))
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        cards::inspect(&self.connection, &self.shop(), tenant, token).await
    }

    fn parse_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        _now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        let key = self.options.second_key.as_ref().ok_or(CallbackRefusal::NotSupported)?;
        signature::verify(key, headers, body)?;
        Ok(vec![event::parse(body)?])
    }

    async fn read_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackFault> {
        let mut events = Vec::new();
        for event in self.parse_callback(headers, body, now)? {
            let whole = self.completed(event).await;
            // PayU sends it again.
            events.push(whole.map_err(|error| CallbackFault::Unavailable(error.to_string()))?);
        }
        Ok(events)
    }

    async fn owner_of_payment(&self, gateway_reference: &str) -> Result<Option<TenantId>, GatewayError> {
        let Ok(id) = request::order(gateway_reference) else { return Ok(None) };
        Ok(only_asked(self.order(id).await)?.as_ref().and_then(event::owner))
    }

    async fn check_reachable(&self) -> Result<(), GatewayError> {
        self.connection.open().await
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        Some(self)
    }
}

#[async_trait]
impl SettlementReports for PayUGateway {
    fn asked_by(&self) -> ReportsBy {
        ReportsBy::Name
    }

    async fn settlement(&self, _asked: &SettlementRequest) -> Result<SettlementPage, GatewayError> {
        let why = "PayU cannot be asked for a time, only for a statement by its id";
        Err(GatewayError::NotDone(why.to_owned()))
    }

    async fn named(&self, report: &str) -> Result<SettlementPage, GatewayError> {
        let path = report::path(report)?;
        report::rows(&self.columns, &self.connection.file(&path).await?)
    }
}
