//! The ways to pay that the page behind a link offers, and payments that are made elsewhere.

use std::sync::Arc;

use tender_domain::hotels::HotelWrite;
use tender_domain::intents::{Intent, IntentWrite, Refusal};
use tender_domain::kernel::{Caller, Change, CommitError, Money, RequestFingerprint, Save};
use tender_domain::payment_links::{LinkState, PaymentLink};
use tender_domain::ports::{SessionFlow, SessionRequest};
use tender_domain::vault::MethodType;
use tender_http::RequestKey;

use super::pay::{NotTried, Shop, caller_of, can_be_tried, is_nonce, scope, wanted};
use crate::IntentsService;
use crate::use_cases::screen::reached_fraud_limit;
use crate::use_cases::{Answered, CreateIntent, IntentsError, Keyed, Presenter, Shown, WantedSession};

const DECISIONS_MAX: u32 = 5;

/// What a link's payment can be made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaysToPay {
    /// Whether a card is taken.
    pub(crate) card: bool,
    /// The methods that lead elsewhere (`ideal`), by name.
    pub(crate) others: Vec<String>,
}

impl WaysToPay {
    /// Whether there is no way.
    pub(crate) fn is_none(&self) -> bool {
        !self.card && self.others.is_empty()
    }
}

/// What the customer chose.
#[derive(Debug, Clone)]
pub(crate) struct PageSession {
    /// The form that the page showed.
    pub(crate) form: String,
    pub(crate) method: String,
    pub(crate) flow: SessionFlow,
    /// Where the browser comes back to.
    pub(crate) return_url: String,
}

impl IntentsService {
    /// That something can be paid by a link: by a card, as the settings are, or in some other way; else why not by a card.
    pub(super) async fn permit_link(&self, caller: &Caller, amount: Money) -> Result<(), Refusal> {
        let permitted = |method: &str| self.permit(&caller.tenant, amount, Some(method));
        let Err(refusal) = permitted(MethodType::Card.as_str()) else { return Ok(()) };
        let others = self.session_methods(&caller.tenant, caller.livemode).await;
        let mut others = others.iter().filter(|method| *method != SessionRequest::CARD);
        if others.any(|method| permitted(method).is_ok()) { Ok(()) } else { Err(refusal) }
    }

    /// How a link's payment can be made now: by what the settings permit for its amount, and a connector can do.
    pub(crate) async fn ways_to_pay(&self, link: &PaymentLink) -> WaysToPay {
        let permitted = |method: &str| self.permit(&link.tenant, link.amount, Some(method)).is_ok();
        let mut others = self.session_methods(&link.tenant, link.livemode).await;
        others.retain(|method| method != SessionRequest::CARD && permitted(method));
        WaysToPay { card: permitted(MethodType::Card.as_str()), others }
    }

    /// Begins the payment of a link elsewhere: once for each form, and once for a link for one payment. Says why, when that
    /// was refused before it was tried. No refusal is kept.
    pub(crate) async fn pay_link_elsewhere(
        self: &Arc<Self>,
        token: &str,
        chosen: PageSession,
        shop: Shop,
    ) -> Result<Option<NotTried>, IntentsError> {
        if !is_nonce(&chosen.form) {
            return Err(IntentsError::NoSuchForm);
        }
        let page = self.open_link(token, Some(&chosen.form)).await?;
        if page.state != LinkState::Active {
            return Ok(None);
        }
        // The card's own page at a gateway is not among them: cards go to the vault's form.
        if chosen.method == SessionRequest::CARD {
            return Ok(Some(NotTried::Method));
        }
        let (caller, link) = (caller_of(&page.link), Arc::new(page.link));
        let key = RequestKey { scope: scope(&link, &chosen.form), fingerprint: RequestFingerprint([0; 32]) };
        let present = Presenter { refusal: |_| None, ..shop.present };
        let keyed = Keyed::new(Some(key), present, Shown::Intent { created: true });
        let session = WantedSession {
            method: chosen.method,
            flow: chosen.flow,
            return_url: Some(chosen.return_url),
            connector: None,
            page: None,
        };
        let begun = match page.intent {
            None => {
                let create = wanted(&link, None, shop.signals);
                self.create_in_session((&link, create), &session, keyed).await
            }
            Some(intent) if can_be_tried(&intent) => {
                self.initiate_session(&caller, intent.id, session, keyed).await
            }
            Some(_) => return Ok(None),
        };
        match begun {
            Ok(_) => Ok(None),
            Err(IntentsError::Refused(refusal)) => Ok(NotTried::of(&refusal, NotTried::Method)),
            // Another tab was faster, or the first sending of this form still runs: the page tells what came of it.
            Err(
                IntentsError::Commit(CommitError::Conflict) | IntentsError::InFlight | IntentsError::Link(_),
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The intent of a link with its session, begun by the commit that gives a link for one payment its intent.
    async fn create_in_session(
        self: &Arc<Self>,
        (link, create): (&Arc<PaymentLink>, CreateIntent),
        session: &WantedSession,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let caller = caller_of(link);
        if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
            return self.known_key(&caller.tenant, record, &keyed).await;
        }
        let now = self.clock.now();
        let mut intent = Intent::create(self.new_intent(&caller, &create, None), now);
        intent.risk.signals = create.signals.clone();
        for _ in 0..DECISIONS_MAX {
            let begun = self.begin_session(&intent, session, now).await??;
            let mut change = begun.change(None, &keyed, now);
            if let Some(taken) = link.begin_payment(intent.id, now)? {
                change = change.save(Save::<PaymentLink>::changed(Arc::clone(link), taken));
            }
            change = of_hotel(change, link, &intent);
            match (self.store.commit(change).await, begun.run) {
                (Ok(_), Some((attempt, token))) => {
                    return self.run_attempt(begun.intent, attempt, token, keyed).await;
                }
                (Ok(_), None) => return Ok(keyed.answered(&begun.intent)),
                (Err(CommitError::KeyTaken(record)), _) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                (Err(error), _) if reached_fraud_limit(&error) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

/// With what a hotel's payment keeps beside, where the link is a hotel's.
fn of_hotel(change: Change<IntentWrite>, link: &PaymentLink, intent: &Intent) -> Change<IntentWrite> {
    match link.hotel_payment(intent.id) {
        Some(kept) => change.save(HotelWrite::from(kept)),
        None => change,
    }
}
