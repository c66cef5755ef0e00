//! Payments on a gateway's own page: an intent with its session, begun in one commit; and what its payer, or its
//! gateway, comes back with.

use std::sync::Arc;

use tender_domain::hotels::{HotelPayment, HotelWrite};
use tender_domain::intents::{Channel, Intent, IntentWrite, PageLocation};
use tender_domain::kernel::{
    AttemptId, Caller, Change, CommitError, Credential, IntentId, Scope, ScopeSet, TenantId,
};
use tender_domain::ports::{RateLimit, SessionFlow, SessionPage, SessionRequest};

use super::create_intent::Storefront;
use super::pay_order::claim_order;
use super::screen::reached_fraud_limit;
use super::{Answered, CreateIntent, IntentsError, Keyed, Presenter, Shown, WantedSession};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;
/// How often a page's gateway is asked because somebody comes to it: whoever knows its address may.
const COMINGS: RateLimit = RateLimit::per_minute("payment_page", 30);
/// How long one who comes while another is being answered waits for that answer.
const WAIT_FOR_ANOTHER: std::time::Duration = std::time::Duration::from_secs(3);

/// By what a page is found without a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Located {
    /// By its intent's UUID.
    ByIntent,
    /// By its session, `apm_…`.
    BySession,
}

/// Which page, and what it is told.
#[derive(Debug, Clone)]
pub(crate) struct PayerPage {
    /// The method (`card`).
    pub(crate) method: String,
    /// At this connector only.
    pub(crate) connector: Option<String>,
    /// Where the payer's browser comes back to.
    pub(crate) return_url: String,
    pub(crate) page: SessionPage,
    pub(crate) located: Located,
}

/// A payment that is to be made on a gateway's page.
pub(crate) struct PayByPage {
    /// The intent, without an instrument.
    pub(crate) create: CreateIntent,
    /// Its page, made for the intent's id.
    pub(crate) page: Box<dyn Fn(IntentId) -> PayerPage + Send + Sync>,
    /// What is written with it, made for the intent's id.
    pub(crate) writes: Vec<MadeFor>,
}

/// What is written with an intent, made for its id.
type MadeFor = Box<dyn Fn(IntentId) -> Vec<IntentWrite> + Send + Sync>;

impl PayByPage {
    /// With something else written by the same commit.
    pub(crate) fn also(&mut self, made: impl Fn(IntentId) -> Vec<IntentWrite> + Send + Sync + 'static) {
        self.writes.push(Box::new(made));
    }
}

impl IntentsService {
    /// Creates an intent and its session at a gateway in one commit, and waits for the page's address.
    pub(crate) async fn pay_by_page(
        self: &Arc<Self>,
        caller: &Caller,
        pay: PayByPage,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        // A retry is answered as the first call was, whatever the settings say since.
        if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
            return self.known_key(&caller.tenant, record, &keyed).await;
        }
        let now = self.clock.now();
        let mut intent = Intent::create(self.new_intent(caller, &pay.create, None), now);
        intent.risk.signals = pay.create.signals.clone();
        let page = (pay.page)(intent.id);
        let located = page.located;
        let wanted = WantedSession {
            method: page.method,
            flow: SessionFlow::Redirect,
            return_url: Some(page.return_url),
            connector: page.connector,
            page: Some(Box::new(page.page)),
        };
        for _ in 0..DECISIONS_MAX {
            let begun = self.begin_session(&intent, &wanted, now).await??;
            let mut change = begun.change(None, &keyed, now);
            if let Some((session, _)) = &begun.run {
                let claims = pay.create.claims_order;
                change.guards.extend(claim_order(&intent).filter(|_| claims));
                change = change.save(HotelWrite::Page(location(located, &intent, *session)));
            }
            match (self.store.commit(kept(change, &intent, &pay)).await, begun.run) {
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

    /// Somebody came to a page without a credential, the payer's browser or the gateway: what became of its session is
    /// asked of the gateway, with what was brought along, which decides nothing. Harmless at any time and twice.
    pub(crate) async fn come_to_page(
        self: &Arc<Self>,
        tenant: &TenantId,
        id: IntentId,
        brought: String,
        present: Presenter,
    ) -> Result<Arc<Intent>, IntentsError> {
        let found = self.newest_intent(tenant, id).await?;
        let caller = page_caller(&found);
        let admitted = self.storefront.gate.admit(&caller, &[COMINGS]).await?;
        if admitted.refusal().is_some() {
            return Ok(found);
        }
        if found.open_session().is_none() {
            // Another one may have come first, and be told just now.
            return self.await_outcome(&caller, id, WAIT_FOR_ANOTHER).await;
        }
        let keyed = Keyed::new(None, present, Shown::Intent { created: false });
        match self.complete_challenge(&caller, id, brought, keyed).await {
            Ok(_) => self.newest_intent(tenant, id).await,
            // Another one came first, or a callback: what came of that is told.
            Err(IntentsError::Commit(CommitError::Conflict) | IntentsError::Refused(_)) => {
                self.await_outcome(&caller, id, WAIT_FOR_ANOTHER).await
            }
            Err(error) => Err(error),
        }
    }

    /// Whose page this is.
    pub(crate) async fn tenant_of_page(&self, key: &str) -> Result<Option<TenantId>, IntentsError> {
        Ok(self.storefront.hotels.tenant_of_page(key).await?)
    }

    /// A hotel's payment, if the caller may see it.
    pub(crate) async fn hotel_payment(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
    ) -> Result<(Arc<Intent>, HotelPayment), IntentsError> {
        let intent = self.get_intent(caller, id).await?;
        let kept = match intent.channel {
            Channel::Hotels => self.storefront.hotels.hotel_payment(&caller.tenant, id).await?,
            _ => None,
        };
        Ok((intent, kept.ok_or(IntentsError::NoSuchIntent)?))
    }
}

fn location(located: Located, intent: &Intent, session: AttemptId) -> PageLocation {
    let key = match located {
        Located::ByIntent => intent.id.uuid().to_string(),
        Located::BySession => session.session().to_string(),
    };
    PageLocation { tenant: intent.tenant.clone(), key }
}

/// With what the storefront wants kept.
fn kept(change: Change<IntentWrite>, intent: &Intent, pay: &PayByPage) -> Change<IntentWrite> {
    let mut change = change;
    if let Some(storefront) = &pay.create.storefront {
        change = change.save(Storefront::payment(storefront, intent));
    }
    pay.writes.iter().flat_map(|made| made(intent.id)).fold(change, Change::save)
}

/// Whoever comes to a page, for what coming to it does.
fn page_caller(intent: &Intent) -> Caller {
    Caller {
        tenant: intent.tenant.clone(),
        subject: intent.id.to_string().into(),
        credential: Credential::Service("payment page".into()),
        scopes: ScopeSet::from_iter([Scope::IntentsWrite]),
        roles: [].into(),
        actor: None,
        livemode: intent.livemode,
    }
}

impl PayerPage {
    /// The gateway's own page for a card.
    pub(crate) const CARD: &'static str = SessionRequest::CARD;
}
