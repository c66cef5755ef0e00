use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::callback::{CallbackFault, CallbackHeaders, CallbackRefusal, GatewayEvent};
use super::capabilities::Capabilities;
use super::decline::{Avs, Decline};
use super::dispute_replies::DisputeReplies;
use super::gateway_error::GatewayError;
use super::method_checks::MethodChecks;
use super::payer::Payer;
use super::sca::{ScaAnswer, ScaRequest, SessionRequest};
use super::settlement_report::SettlementReports;
use super::tokenised::{CardData, TokenisedCard, TokenisedMethod};
use crate::kernel::{Money, TenantId, Timestamp};
use crate::vault::{BankData, MethodType};

/// Which call of a gateway a reference belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// An authorization, with or without capture.
    Authorize,
    /// The capture of an authorization.
    Capture,
    /// The void of an authorization.
    Void,
    /// A refund of a charge.
    Refund,
}

impl CallKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Authorize, Self::Capture, Self::Void, Self::Refund];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
        }
    }

    /// The kind with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|kind| kind.as_str() == text).copied()
    }
}

/// Whether the customer must authenticate (3-D Secure).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ThreeDs {
    /// When the gateway, the issuer or the law asks for it.
    #[default]
    Automatic,
    /// Always, also where nobody else asks for it.
    Force,
}

/// Asks for money to be held, or taken at once.
///
/// `reference` is ours, the same for the same attempt for ever: the gateway's idempotency key and what we look up.
#[derive(Debug, Clone)]
pub struct Authorize {
    /// For which tenant.
    pub tenant: TenantId,
    /// Our reference (`att_…`).
    pub reference: String,
    /// How much.
    pub amount: Money,
    /// Whether to take it at once rather than hold it.
    pub capture: bool,
    /// The token of the method at this gateway.
    pub token: SecretString,
    /// What the cardholder reads on the statement.
    pub statement_descriptor: Option<String>,
    /// Whether the customer is away (no challenge can be met).
    pub off_session: bool,
    /// Whether the customer must authenticate.
    pub three_ds: ThreeDs,
    /// The exemption or agreement that it is made on; nothing, for most. A gateway that cannot pass it on goes without.
    pub sca: ScaRequest,
    /// Who pays, for gateways that take it; nothing, for most. The same for each call of an attempt.
    pub payer: Payer,
    /// Asks for a session of an alternative payment method: then `token` is empty. None for a charge of a token.
    pub session: Option<SessionRequest>,
}

/// Takes what is held, all or part.
#[derive(Debug, Clone)]
pub struct Capture {
    /// For which tenant.
    pub tenant: TenantId,
    /// Our reference (`cap_…`).
    pub reference: String,
    /// What the gateway called the authorization.
    pub gateway_reference: String,
    /// How much.
    pub amount: Money,
    /// Whether the rest is let go.
    pub is_final: bool,
    /// Whether it was sent before and its answer is not known: what is found taken may be by that.
    pub is_again: bool,
}

/// Lets go what is held.
#[derive(Debug, Clone)]
pub struct Void {
    /// For which tenant.
    pub tenant: TenantId,
    /// Our reference (`att_…` followed by `/void`).
    pub reference: String,
    /// What the gateway called the authorization.
    pub gateway_reference: String,
}

/// Gives back what was taken, all or part.
#[derive(Debug, Clone)]
pub struct Refund {
    /// For which tenant.
    pub tenant: TenantId,
    /// Our reference (`rf_…`; `rf_…/2` of the second call of a refund, and so on).
    pub reference: String,
    /// What the gateway called the charge.
    pub gateway_reference: String,
    /// How much.
    pub amount: Money,
}

/// Goes on after the customer met a challenge.
#[derive(Debug, Clone)]
pub struct CompleteChallenge {
    /// For which tenant.
    pub tenant: TenantId,
    /// The reference of the authorization that was challenged (`att_…`).
    pub reference: String,
    /// What the gateway called the challenge.
    pub challenge_reference: String,
    /// What the challenge ended with, as the client hands it over; opaque to us.
    pub result: String,
}

/// A definite answer of a gateway to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayAnswer {
    /// It was done.
    Approved {
        /// What the gateway calls it.
        gateway_reference: String,
        /// For how much it was done: compared with what was asked, never trusted.
        amount: Money,
        /// Whether the money was taken (an authorization with capture, a capture) rather than held.
        captured: bool,
        /// The network's response code (`00`).
        response_code: Option<String>,
        /// The acquirer.
        acquirer: Option<String>,
        /// Address and code checks.
        avs: Avs,
        /// What came of authentication and exemption; none when the gateway tells nothing of them.
        sca: Option<Box<ScaAnswer>>,
    },
    /// It was not done: refused.
    Declined(Decline),
    /// The customer must meet a challenge first; nothing is held yet.
    Challenge {
        /// Where the customer goes. Empty of one that is still open where it was, and of a refund that the gateway writes for.
        url: String,
        /// What the gateway calls the challenge.
        challenge_reference: String,
        /// What the shop's page posts to `url` as the field `creq`, where it is met within that page (EMV 3-D Secure 2).
        creq: Option<String>,
    },
}

/// Asks what became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupRequest {
    /// For which tenant.
    pub tenant: TenantId,
    /// Which call.
    pub kind: CallKind,
    /// Our reference of that call.
    pub reference: String,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// It was answered like this.
    Answered(GatewayAnswer),
    /// The gateway is still at it.
    Pending,
    /// The gateway knows of no such reference. Final only when the call is older than
    /// [`Capabilities::not_found_is_final_after`]: until then it may still arrive.
    NotFound,
}

/// A payment gateway. Every method is one call with a deadline of its own, made outside any transaction, and
/// idempotent by its reference.
///
/// # Errors
/// See [`GatewayError`]; anything that is not a definite answer is `Unknown`.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// The connector's name, as in the ledger's account names (`simulator`).
    fn name(&self) -> &str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// How long an authorization holds before it is let go by itself.
    fn authorization_life(&self) -> Duration {
        crate::intents::AUTHORIZATION_LIFE
    }

    /// The alternative payment methods (`ideal`) that it has sessions of.
    fn alternative_methods(&self) -> &[&'static str] {
        &[]
    }

    /// Holds money, or takes it at once.
    async fn authorize(&self, request: &Authorize) -> Result<GatewayAnswer, GatewayError>;

    /// Takes what is held.
    async fn capture(&self, request: &Capture) -> Result<GatewayAnswer, GatewayError>;

    /// Lets go what is held. The same again lets go nothing else, whenever it comes: also after the gateway forgot the
    /// first one's key, what was let go is let go and what was taken is refused.
    async fn void(&self, request: &Void) -> Result<GatewayAnswer, GatewayError>;

    /// Gives back what was taken.
    async fn refund(&self, request: &Refund) -> Result<GatewayAnswer, GatewayError>;

    /// Goes on after a challenge. Where nothing is paid yet, and nothing was sent that may have paid it, the answer is that
    /// challenge again, which is still to be met: also when the gateway did not like what the browser brought.
    async fn complete_challenge(&self, request: &CompleteChallenge) -> Result<GatewayAnswer, GatewayError>;

    /// Gives up a challenge that nobody met, so that nobody meets it afterwards; `request` names the challenge as the
    /// gateway does. None where the gateway gives it up by itself, or can be asked what became of it; an approval says that
    /// it was given up. A decline, whatever its reason, says that it was met meanwhile, before it could be given up or while
    /// it was: what it came to [`complete_challenge`](Self::complete_challenge) says, which must still know it, and nothing
    /// is called given up or failed before. Who does not know whether it was met says `Unknown`, and is asked again.
    async fn give_up_challenge(&self, _request: &Void) -> Result<Option<GatewayAnswer>, GatewayError> {
        Ok(None)
    }

    /// What became of a call.
    async fn lookup(&self, request: &LookupRequest) -> Result<Lookup, GatewayError>;

    /// Makes a token of card data.
    async fn tokenise(&self, tenant: &TenantId, card: &CardData) -> Result<TokenisedCard, GatewayError>;

    /// What is behind a client's token.
    async fn inspect_token(
        &self,
        tenant: &TenantId,
        token: &SecretString,
    ) -> Result<Option<TokenisedCard>, GatewayError>;

    /// The types of saved methods that it charges.
    fn method_types(&self) -> &[MethodType] {
        &[MethodType::Card]
    }

    /// Makes a token of bank account data, to be charged as this type.
    async fn tokenise_bank_account(
        &self,
        _tenant: &TenantId,
        _method_type: MethodType,
        _account: &BankData,
    ) -> Result<TokenisedMethod, GatewayError> {
        Err(GatewayError::NotDone("it takes no bank accounts".to_owned()))
    }

    /// What is behind a client's token of this type; none when it knows no such token, or one of another type.
    async fn inspect_method(
        &self,
        tenant: &TenantId,
        method_type: MethodType,
        token: &SecretString,
    ) -> Result<Option<TokenisedMethod>, GatewayError> {
        match method_type {
            MethodType::Card => Ok(self.inspect_token(tenant, token).await?.map(TokenisedMethod::from)),
            _ => Ok(None),
        }
    }

    /// What a callback's own bytes tell. The signature is checked over them as they came, in constant time; `now` may be
    /// [`CALLBACK_TOLERANCE`](super::CALLBACK_TOLERANCE) from the callback's own time.
    ///
    /// # Errors
    /// When the callback is not this gateway's, or not understood. A gateway that sends none says so.
    fn parse_callback(
        &self,
        _headers: &CallbackHeaders,
        _body: &[u8],
        _now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
        Err(CallbackRefusal::NotSupported)
    }

    /// Reads a callback, with the calls that it takes: what its signature is checked with is fetched first, where that is
    /// not at hand; and once it is checked, what its bytes leave open is asked, and a step that the gateway waits for is
    /// taken. Nothing but the signature makes a call that has an effect.
    ///
    /// # Errors
    /// As [`parse_callback`](Self::parse_callback); `Unavailable` when a call fails, so that it is sent again.
    async fn read_callback(
        &self,
        headers: &CallbackHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, CallbackFault> {
        Ok(self.parse_callback(headers, body, now)?)
    }

    /// Whose payment the gateway calls so, as it was told when the payment was made; none when it is nobody's here. Asked
    /// about callbacks that do not say so themselves; where all of them do, nothing has to be asked.
    async fn owner_of_payment(&self, _gateway_reference: &str) -> Result<Option<TenantId>, GatewayError> {
        Ok(None)
    }

    /// What the sender of a callback wants to hear once it is durable; none where any answer of success will do.
    fn callback_received(&self) -> Option<&'static str> {
        None
    }

    /// Where it is told what the merchant replies to disputes; none where that has to be handed in by hand.
    fn dispute_replies(&self) -> Option<&dyn DisputeReplies> {
        None
    }

    /// How it checks saved methods; none where it does not.
    fn method_checks(&self) -> Option<&dyn MethodChecks> {
        None
    }

    /// Its settlement reports; none where they are not fetched from it.
    fn settlement_reports(&self) -> Option<&dyn SettlementReports> {
        None
    }

    /// Whether it answers and takes our credentials: a question that moves no money and makes nothing.
    async fn check_reachable(&self) -> Result<(), GatewayError> {
        let nothing = LookupRequest {
            tenant: TenantId::sandbox(),
            kind: CallKind::Authorize,
            reference: "health-check".to_owned(),
        };
        self.lookup(&nothing).await.map(|_| ())
    }
}
