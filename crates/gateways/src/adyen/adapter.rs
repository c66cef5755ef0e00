use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallbackHeaders, CallbackRefusal, Capabilities, Capture, CardData, CompleteChallenge,
    DisputeReplies, GatewayAnswer, GatewayError, GatewayEvent, Lookup, LookupRequest, MethodChecks,
    PaymentGateway, Refund, SettlementReports, ThreeDs, TokenisedCard, UnknownOutcome, Void,
};

use super::call::Connection;
use super::request::{Account, card_mark, redirect_result};
use super::settlement::{AdyenReports, Reports};
use super::signature::Keys;
use super::token::{Token, shopper};
use super::{answer, cards, event, session};
use crate::said::still_open;

/// How long Adyen keeps a key at least.
const KEY_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// What Adyen likes to hear when a notification was taken.
const ACCEPTED: &str = "[accepted]";

/// Which account of Adyen, and how long it may take.
#[derive(Debug, Clone)]
pub struct AdyenOptions {
    /// Where the Checkout API is, without its version (`https://checkout-test.adyen.com`).
    pub api_base: String,
    /// The API key of a web service user.
    pub api_key: SecretString,
    /// The merchant account that is paid.
    pub merchant_account: String,
    /// The keys that sign notifications, in hex, separated by commas; without one none is taken.
    pub hmac_key: Option<SecretString>,
    /// Where customers come back to after a challenge; without it none can be met.
    pub return_url: Option<String>,
    /// Where settlement reports are had; without it none are.
    pub reports: Option<AdyenReports>,
    /// How long one call may take in all; then its outcome is unknown.
    pub deadline: Duration,
    /// How long connecting may take; then the call was not sent.
    pub connect_timeout: Duration,
}

impl AdyenOptions {
    /// An account with the usual limits: 10 s for a call, 2 s of it for connecting.
    #[must_use]
    pub fn new(
        api_base: impl Into<String>,
        api_key: impl Into<SecretString>,
        merchant_account: impl Into<String>,
        return_url: impl Into<String>,
    ) -> Self {
        Self {
            api_base: api_base.into(),
            api_key: api_key.into(),
            merchant_account: merchant_account.into(),
            hmac_key: None,
            reports: None,
            return_url: Some(return_url.into()),
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// The options cannot be used; says which one and why.
#[derive(Debug, thiserror::Error)]
#[error("Adyen's {option}: {problem}")]
pub struct InvalidAdyenOptions {
    /// Which option.
    pub option: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// An account at Adyen.
pub struct AdyenGateway {
    pub(super) connection: Connection,
    api_key: SecretString,
    merchant_account: String,
    return_url: Option<String>,
    keys: Option<Keys>,
    reports: Option<Reports>,
}

impl AdyenGateway {
    /// A gateway for this account; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL, the key cannot be sent in a header, or one of notifications is no
    /// hex.
    pub fn new(options: AdyenOptions) -> Result<Self, InvalidAdyenOptions> {
        let connection = Connection::new(&options)?;
        let invalid = || InvalidAdyenOptions {
            option: "hmac_key",
            problem: "write the key in hex as Adyen shows it, several separated by commas".to_owned(),
        };
        let keys = options.hmac_key.as_ref().map(|text| Keys::of(text).ok_or_else(invalid)).transpose()?;
        let limits = (options.deadline, options.connect_timeout);
        let reports = options.reports.as_ref();
        let reports = reports.map(|reports| Reports::new(reports, &options.merchant_account, limits));
        let reports = reports.transpose()?;
        let AdyenOptions { api_key, merchant_account, return_url, .. } = options;
        Ok(Self { connection, api_key, merchant_account, return_url, keys, reports })
    }

    pub(super) fn account(&self) -> Account<'_> {
        Account { merchant: &self.merchant_account, return_url: self.return_url.as_deref() }
    }
}

#[async_trait]
impl PaymentGateway for AdyenGateway {
    fn name(&self) -> &'static str {
        "adyen"
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
            ends_by_callback: true,
            page_outlives_tries: false,
        }
    }

    fn alternative_methods(&self) -> &[&'static str] {
        session::METHODS
    }

    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
        if let Some(session) = &request.session {
            let asked = self.account().session(request, session)?;
            return session::begun(&self.connection.post(asked).await?, request);
        }
        let Some(token) = Token::of(&request.token, &request.tenant) else { return Ok(answer::no_token()) };
        let can_authenticate = self.return_url.is_some() && !request.off_session;
        if request.three_ds == ThreeDs::Force && !can_authenticate {
            return Ok(answer::cannot_authenticate());
        }
        let asked = self.account().authorize(request, token)?;
        match answer::authorized(&self.connection.post(asked).await?, request)? {
            GatewayAnswer::Challenge { .. } if self.return_url.is_none() => Ok(answer::cannot_authenticate()),
            answer => Ok(answer),
        }
    }

    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError> {
        answer::received(&self.connection.post(self.account().capture(request)?).await?)
    }

    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError> {
        answer::received(&self.connection.post(self.account().void(request)?).await?)
    }

    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError> {
        answer::received(&self.connection.post(self.account().refund(request)?).await?)
    }

    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError> {
        let Some(result) = redirect_result(&request.result) else {
            return Ok(still_open(&request.challenge_reference));
        };
        match self.connection.post(self.account().complete(request, &result)).await {
            Ok(response) => answer::completed(&response, request),
            Err(error) => answer::not_completed(error, request),
        }
    }

    async fn lookup(&self, _request: &LookupRequest) -> Result<Lookup, GatewayError> {
        Ok(Lookup::Pending)
    }

    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError> {
        let shopper = shopper(tenant, &card_mark(&self.api_key, tenant, card));
        cards::stored(&self.connection.post(self.account().store(card, &shopper)).await?, &shopper)
    }

    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError> {
        cards::inspect(&self.connection, &self.merchant_account, tenant, token).await
    }

    fn parse_callback(
        &self,
        _headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        let keys = self.keys.as_ref().ok_or(CallbackRefusal::NotSupported)?;
        event::parse(keys, &self.merchant_account, body, now)
    }

    fn callback_received(&self) -> Option<&'static str> {
        Some(ACCEPTED)
    }

    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        self.reports.as_ref().map(|reports| reports as _)
    }

    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        Some(self)
    }

    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        Some(self)
    }

    async fn check_reachable(&self) -> Result<(), GatewayError> {
        answer::reachable(&self.connection.post(self.account().methods()).await?)
    }
}
