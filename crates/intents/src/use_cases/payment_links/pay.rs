//! What the page behind a link does for whoever holds its token.

use std::sync::Arc;

use tender_domain::fraud::RiskSignals;
use tender_domain::intents::{
    CaptureMode, Channel, Instrument, Intent, IntentStatus, MethodSummary, PaymentOptions, Refusal,
};
use tender_domain::kernel::{
    Caller, CommitError, Credential, IntentId, KeyScope, Metadata, RequestFingerprint, Scope, ScopeSet,
    TenantId,
};
use tender_domain::payment_links::{LinkState, LinkUsage, PaymentLink};
use tender_domain::ports::{CardForm, FormMethod, Payer};
use tender_http::{IfMatch, RequestKey};

use crate::IntentsService;
use crate::link_tokens::LinkTokens;
use crate::use_cases::{Confirm, CreateIntent, IntentsError, Keyed, Presenter, Seen, Shown};

/// The route whose idempotency keys the page's forms are.
const ROUTE: &str = "POST /pay/{token}/confirm";
/// How long a page may be left open before its form is sent.
const FORM_LIFETIME: chrono::TimeDelta = chrono::TimeDelta::minutes(30);
/// The metadata by which an intent names the link that it pays.
pub(in crate::use_cases) const LINK_METADATA: &str = "payment_link_id";
const TOKEN_CHARS: usize = 43;
const NONCE_CHARS_MAX: usize = 64;

/// Whose browser it is, and how answers are kept.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) signals: RiskSignals,
    pub(crate) present: Presenter,
}

/// What the page shows.
pub(crate) struct LinkPage {
    pub(crate) link: PaymentLink,
    /// The payment that is shown: of a link for one, its own; of a link for many, the form's.
    pub(crate) intent: Option<Intent>,
    pub(crate) state: LinkState,
}

/// Why the page's payment was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTried {
    /// The settings do not permit so much.
    Amount,
    /// The settings do not permit cards.
    Card,
    /// The method is not offered for this payment.
    Method,
    /// Something else of the payment does not permit it.
    Payment,
}

impl NotTried {
    /// Every one.
    const ALL: [Self; 4] = [Self::Amount, Self::Card, Self::Method, Self::Payment];

    /// Its word in the page's address.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Amount => "amount",
            Self::Card => "cards",
            Self::Method => "method",
            Self::Payment => "payment",
        }
    }

    /// The one with this word.
    pub(crate) fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == word)
    }

    /// What to tell the customer, who wanted to pay so; none where another was faster, whose outcome is shown.
    pub(super) const fn of(refusal: &Refusal, so: Self) -> Option<Self> {
        match refusal {
            Refusal::WrongStatus { .. } => None,
            Refusal::ExceedsLimit { .. } => Some(Self::Amount),
            Refusal::MethodTypeNotAllowed(_)
            | Refusal::CurrencyNotTaken { .. }
            | Refusal::NoSuchAlternative(_) => Some(so),
            _ => Some(Self::Payment),
        }
    }
}

/// The forms that the page shows.
pub(crate) struct PageForms {
    /// Of the card form, ready to be sent to the vault; none where no card is taken.
    pub(crate) ticket: Option<String>,
    /// Of the form of the other ways to pay.
    pub(crate) form: String,
}

impl IntentsService {
    /// What the page shows now. `form` names the payment of a link for many.
    pub(crate) async fn open_link(&self, token: &str, form: Option<&str>) -> Result<LinkPage, IntentsError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if token.len() != TOKEN_CHARS || !token.bytes().all(plain) {
            return Err(IntentsError::NoSuchLink);
        }
        let link = self.links.store.payment_link_by_token(&LinkTokens::hash(token)).await?;
        let link = link.ok_or(IntentsError::NoSuchLink)?;
        let id = match (link.usage, form) {
            (LinkUsage::Single, _) => link.intent,
            (LinkUsage::Multiple, Some(nonce)) => self.intent_of_form(&link, nonce).await?,
            (LinkUsage::Multiple, None) => None,
        };
        let intent = match id {
            Some(id) => self.store.intent(&link.tenant, id).await?,
            None => None,
        };
        let state = link.state(self.clock.now());
        Ok(LinkPage { link, intent, state })
    }

    /// New forms for the customer: for a card, where one is taken, and for the other ways to pay.
    pub(crate) async fn new_forms(&self, link: &PaymentLink, card: bool) -> Result<PageForms, IntentsError> {
        use base64::Engine as _;
        let nonce = || base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.ids.secret());
        let form = nonce();
        let ticket = if card { Some(self.ticket(link, nonce()).await?) } else { None };
        Ok(PageForms { ticket, form })
    }

    async fn ticket(&self, link: &PaymentLink, nonce: String) -> Result<String, IntentsError> {
        let form = CardForm {
            tenant: link.tenant.clone(),
            link: link.id,
            nonce,
            livemode: link.livemode,
            expires_at: self.clock.now() + FORM_LIFETIME,
        };
        let ticket = self.links.cards.ticket(&form).await;
        ticket.map_err(|error| IntentsError::VaultUnavailable(error.0))
    }

    /// The card that was sent by a form.
    pub(crate) async fn card_of_form(
        &self,
        link: &PaymentLink,
        nonce: &str,
    ) -> Result<Option<FormMethod>, IntentsError> {
        if !is_nonce(nonce) {
            return Ok(None);
        }
        let method = self.links.cards.method(&link.tenant, link.id, nonce).await;
        method.map_err(|error| IntentsError::VaultUnavailable(error.0))
    }

    /// Pays a link with the card that was sent by a form: once for each form, and once for a link for one payment. Says
    /// why, when that was refused before it was tried. No refusal is kept: the same form may be sent again.
    pub(crate) async fn pay_link(
        self: &Arc<Self>,
        token: &str,
        nonce: &str,
        shop: Shop,
    ) -> Result<Option<NotTried>, IntentsError> {
        let page = self.open_link(token, Some(nonce)).await?;
        let Some(method) = self.card_of_form(&page.link, nonce).await? else {
            return Err(IntentsError::NoSuchForm);
        };
        if page.state != LinkState::Active {
            return Ok(None);
        }
        let (caller, link) = (caller_of(&page.link), Arc::new(page.link));
        let key = RequestKey { scope: scope(&link, nonce), fingerprint: RequestFingerprint([0; 32]) };
        let present = Presenter { refusal: |_| None, error: |_| None, ..shop.present };
        let keyed = Keyed::new(Some(key), present, Shown::Intent { created: true });
        let instrument = Instrument::Saved(method.id);
        let paid = match page.intent {
            None => self.create_intent(&caller, wanted(&link, Some(instrument), shop.signals), keyed).await,
            Some(intent) if can_be_tried(&intent) => {
                let seen = Seen { if_match: IfMatch::Absent, version: None };
                let confirm = Confirm {
                    instrument: Some(instrument),
                    off_session: false,
                    forces_three_ds: false,
                    signals: shop.signals,
                    payer: Payer::default(),
                    seen,
                };
                self.confirm_intent(&caller, intent.id, confirm, keyed).await
            }
            Some(_) => return Ok(None),
        };
        match paid {
            Ok(_) => Ok(None),
            Err(IntentsError::Refused(refusal)) => Ok(NotTried::of(&refusal, NotTried::Card)),
            // Another tab was faster, or the first sending of this form still runs: the page tells what came of it.
            Err(
                IntentsError::Commit(CommitError::Conflict) | IntentsError::InFlight | IntentsError::Link(_),
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Goes on after the customer came back from the bank.
    pub(crate) async fn return_to_link(
        self: &Arc<Self>,
        token: &str,
        form: Option<&str>,
        result: String,
        present: Presenter,
    ) -> Result<(), IntentsError> {
        let page = self.open_link(token, form).await?;
        let waits = |intent: &Intent| intent.status == IntentStatus::RequiresAction;
        let Some(intent) = page.intent.filter(waits) else { return Ok(()) };
        let keyed = Keyed::new(None, present, Shown::Intent { created: false });
        match self.complete_challenge(&caller_of(&page.link), intent.id, result, keyed).await {
            // Came back twice: the first time counts.
            Ok(_) | Err(IntentsError::Refused(_) | IntentsError::Commit(CommitError::Conflict)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn intent_of_form(
        &self,
        link: &PaymentLink,
        nonce: &str,
    ) -> Result<Option<IntentId>, IntentsError> {
        if !is_nonce(nonce) {
            return Ok(None);
        }
        let record = self.store.key(&link.tenant, &scope(link, nonce)).await?;
        Ok(record.and_then(|record| record.resource.parse().ok()))
    }
}

pub(super) fn is_nonce(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=NONCE_CHARS_MAX).contains(&text.len()) && text.bytes().all(plain)
}

pub(super) fn can_be_tried(intent: &Intent) -> bool {
    matches!(intent.status, IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation)
}

pub(super) fn scope(link: &PaymentLink, nonce: &str) -> KeyScope {
    KeyScope { route: ROUTE, key: format!("{}/{nonce}", link.id).into() }
}

/// Whoever holds the token, for what the page does.
pub(super) fn caller_of(link: &PaymentLink) -> Caller {
    let tenant: TenantId = link.tenant.clone();
    Caller {
        tenant,
        subject: link.id.to_string().into(),
        credential: Credential::Service("payment link".into()),
        scopes: ScopeSet::from_iter([Scope::IntentsWrite]),
        roles: [].into(),
        actor: None,
        livemode: link.livemode,
    }
}

/// The payment of a link: with a card, at once; without one, for what is begun with it.
pub(super) fn wanted(
    link: &Arc<PaymentLink>,
    instrument: Option<Instrument>,
    signals: RiskSignals,
) -> CreateIntent {
    let named = [(LINK_METADATA.to_owned(), link.id.to_string())];
    CreateIntent {
        amount: link.amount,
        customer_id: link.customer_id.clone(),
        merchant_account_id: link.merchant_account_id.clone(),
        confirm: instrument.is_some(),
        instrument,
        method: MethodSummary::default(),
        capture_delay_seconds: None,
        capture_mode: CaptureMode::Auto,
        description: link.description.clone(),
        statement_descriptor: None,
        order_ref: link.order_ref.clone(),
        reservation_ref: None,
        metadata: Metadata::new(named.into()).unwrap_or_default(),
        expires_at: Some(link.expires_at),
        off_session: false,
        options: PaymentOptions::default(),
        signals,
        channel: if link.hotel_id.is_some() { Channel::Hotels } else { Channel::Core },
        max_attempts: None,
        claims_order: false,
        link: Some(Arc::clone(link)),
        storefront: None,
    }
}
