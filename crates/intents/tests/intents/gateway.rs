//! A gateway that can be told to fail on the way there or on the way back.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, Avs, CallKind, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData,
    CompleteChallenge, Decline, DeclineCode, GatewayAnswer, GatewayError, GatewayEvent, Lookup,
    LookupRequest, Payer, PaymentGateway, Refund, ThreeDs, TokenisedCard, UnknownOutcome, Void,
};
use tender_simulator::SimulatorGateway;
use tokio::sync::Notify;

/// What becomes of calls that move money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The call is never sent, and nothing is heard.
    HangsBefore,
    /// The call is done, and nothing is heard.
    HangsAfter,
    /// The call is sent once [`LineToGateway::goes_on`] is told.
    Waits,
    /// A question is answered by how things stand, and the answer comes once [`LineToGateway::goes_on`] is told.
    AnswersLate,
    /// The call is done, and its answer is lost.
    LosesAnswer,
    /// The call is refused by the gateway as a call: it is not done.
    Refuses,
    /// The same of the next call alone.
    RefusesOnce,
    /// The call is declined.
    Declines,
    /// No call and no question is sent, and nothing is heard.
    Away,
}

/// The simulator behind a line that can be cut.
pub(crate) struct LineToGateway {
    pub(crate) simulator: SimulatorGateway,
    fault: Mutex<Fault>,
    capabilities: Mutex<Option<Capabilities>>,
    calls: AtomicUsize,
    lookups: AtomicUsize,
    given_up: AtomicUsize,
    /// Whether the last authorization asked for authentication.
    forced: AtomicBool,
    /// Whose a payment is that callbacks name, and how often that was asked; none while the gateway cannot be asked.
    pub(crate) owner: Mutex<Option<Option<TenantId>>>,
    pub(crate) owners_asked: AtomicUsize,
    /// Of whom the last authorization told.
    payer: Mutex<Payer>,
    /// Told when a call hangs or waits.
    pub(crate) hangs: Notify,
    /// Lets a call that waits go on.
    pub(crate) goes_on: Notify,
}

impl LineToGateway {
    pub(crate) fn new(simulator: SimulatorGateway) -> Self {
        Self {
            simulator,
            fault: Mutex::new(Fault::None),
            capabilities: Mutex::new(None),
            calls: AtomicUsize::new(0),
            lookups: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
            forced: AtomicBool::new(false),
            owner: Mutex::new(None),
            owners_asked: AtomicUsize::new(0),
            payer: Mutex::default(),
            hangs: Notify::new(),
            goes_on: Notify::new(),
        }
    }

    pub(crate) fn set(&self, fault: Fault) {
        *self.fault.lock().expect("no holder panics") = fault;
    }

    /// Makes it a gateway that clears unknown outcomes up like this, of captures too.
    pub(crate) fn clears_up_by(&self, unknown_outcome: UnknownOutcome) {
        let capabilities =
            Capabilities { unknown_outcome, unknown_capture: unknown_outcome, ..self.capabilities() };
        *self.capabilities.lock().expect("no holder panics") = Some(capabilities);
    }

    /// Makes it a gateway on whose pages another try may follow one that failed.
    pub(crate) fn page_outlives_tries(&self) {
        let capabilities = Capabilities { page_outlives_tries: true, ..self.capabilities() };
        *self.capabilities.lock().expect("no holder panics") = Some(capabilities);
    }

    /// Makes it a gateway that captures all or nothing.
    pub(crate) fn captures_no_parts(&self) {
        let capabilities = Capabilities { partial_capture: false, ..self.capabilities() };
        *self.capabilities.lock().expect("no holder panics") = Some(capabilities);
    }

    /// Makes it a gateway that captures once and lets the rest go.
    pub(crate) fn captures_once(&self) {
        let capabilities = Capabilities { several_captures: false, ..self.capabilities() };
        *self.capabilities.lock().expect("no holder panics") = Some(capabilities);
    }

    /// How often it was asked what became of a call.
    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::Relaxed)
    }

    /// How often it was told to give a challenge up.
    pub(crate) fn given_up(&self) -> usize {
        self.given_up.load(Ordering::Relaxed)
    }

    /// How many calls that move money were made.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Whether the last authorization asked that the customer authenticate.
    pub(crate) fn asked_for_authentication(&self) -> bool {
        self.forced.load(Ordering::Relaxed)
    }

    /// Who pays, as the last authorization told it.
    pub(crate) fn payer(&self) -> Payer {
        self.payer.lock().expect("no holder panics").clone()
    }

    async fn through(
        &self,
        call: impl Future<Output = Result<GatewayAnswer, GatewayError>> + Send,
    ) -> Result<GatewayAnswer, GatewayError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let fault = *self.fault.lock().expect("no holder panics");
        if fault == Fault::HangsBefore {
            self.hangs.notify_one();
            return pending().await;
        }
        if fault == Fault::Waits {
            self.hangs.notify_one();
            self.goes_on.notified().await;
        }
        if fault == Fault::Away {
            return Err(away());
        }
        if matches!(fault, Fault::Refuses | Fault::RefusesOnce) {
            if fault == Fault::RefusesOnce {
                self.set(Fault::None);
            }
            return Err(GatewayError::NotDone("the credentials are wrong".to_owned()));
        }
        if fault == Fault::Declines {
            let message = "it was captured at the counter".to_owned();
            let code = DeclineCode::CardDeclined;
            return Ok(GatewayAnswer::Declined(Decline { code, network_code: None, message, sca: None }));
        }
        let answer = call.await;
        match fault {
            Fault::HangsAfter => {
                self.hangs.notify_one();
                pending().await
            }
            Fault::LosesAnswer => Err(GatewayError::Unknown("the connection was lost".to_owned())),
            _ => answer,
        }
    }
}

fn away() -> GatewayError {
    GatewayError::Unknown("the connection was lost".to_owned())
}

#[async_trait]
impl PaymentGateway for LineToGateway {
    fn name(&self) -> &str {
        self.simulator.name()
    }

    fn capabilities(&self) -> Capabilities {
        let told = *self.capabilities.lock().expect("no holder panics");
        told.unwrap_or_else(|| self.simulator.capabilities())
    }

    fn alternative_methods(&self) -> &[&'static str] {
        self.simulator.alternative_methods()
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        self.forced.store(request.three_ds == ThreeDs::Force, Ordering::Relaxed);
        self.payer.lock().expect("no holder panics").clone_from(&request.payer);
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
        self.through(self.simulator.complete_challenge(request)).await
    }

    async fn give_up_challenge(&self, request: &Void) -> Result<Option<GatewayAnswer>, GatewayError> {
        self.given_up.fetch_add(1, Ordering::Relaxed);
        if matches!(*self.fault.lock().expect("no holder panics"), Fault::LosesAnswer | Fault::Away) {
            return Err(away());
        }
        let reference = request.reference.trim_end_matches("/void").to_owned();
        let asked = LookupRequest { tenant: request.tenant.clone(), kind: CallKind::Authorize, reference };
        let answer = match self.simulator.lookup(&asked).await? {
            Lookup::Answered(GatewayAnswer::Approved { .. }) => {
                let message = "it was met".to_owned();
                let code = DeclineCode::TransactionNotAllowed;
                GatewayAnswer::Declined(Decline { code, network_code: None, message, sca: None })
            }
            _ => GatewayAnswer::Approved {
                sca: None,
                gateway_reference: request.gateway_reference.clone(),
                amount: Money::new(10_000, Currency::EUR),
                captured: false,
                response_code: None,
                acquirer: None,
                avs: Avs::default(),
            },
        };
        Ok(Some(answer))
    }

    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError> {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        let fault = *self.fault.lock().expect("no holder panics");
        if fault == Fault::Away {
            return Err(away());
        }
        // Who clears up otherwise cannot be asked.
        if self.capabilities().unknown_outcome != UnknownOutcome::Lookup {
            return Ok(Lookup::Pending);
        }
        let answer = self.simulator.lookup(request).await;
        if fault == Fault::AnswersLate {
            self.hangs.notify_one();
            self.goes_on.notified().await;
        }
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

    async fn owner_of_payment(&self, _: &str) -> Result<Option<TenantId>, GatewayError> {
        self.owners_asked.fetch_add(1, Ordering::Relaxed);
        let owner = self.owner.lock().expect("whole").clone();
        owner.ok_or_else(|| GatewayError::Unknown("cut".to_owned()))
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
