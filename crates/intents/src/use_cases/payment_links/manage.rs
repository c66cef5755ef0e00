//! Links are made, listed, prolonged and taken back.

use std::sync::Arc;

use tender_domain::intents::{Intent, IntentStatus, Refusal};
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, Money, Page, PageRequest, PaymentLinkId, Save, Timestamp,
};
use tender_domain::payment_links::{
    Detail, Guest, LinkRefusal, LinkUsage, NewPaymentLink, PaymentLink, PaymentLinkFilter,
};
use tender_domain::ports::NoticeChannel;
use tender_http::RequestKey;

use crate::IntentsService;
use crate::link_tokens::LinkTokens;
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError};

const DECISIONS_MAX: u32 = 5;
/// How long a link counts that names no end.
const LIFETIME: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// A link that a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct WantedLink {
    pub(crate) amount: Money,
    pub(crate) customer_id: Option<String>,
    pub(crate) merchant_account_id: String,
    pub(crate) description: Option<String>,
    pub(crate) order_ref: Option<String>,
    /// The hotel whose stay it is for: of the hotels dialect only.
    pub(crate) hotel_id: Option<String>,
    pub(crate) details: Vec<Detail>,
    pub(crate) guest: Guest,
    pub(crate) usage: LinkUsage,
    pub(crate) expires_at: Option<Timestamp>,
}

impl IntentsService {
    /// A new link, not saved yet: of what the settings permit now, for nobody is to be sent what they cannot pay.
    pub(in crate::use_cases) async fn new_link(
        &self,
        caller: &Caller,
        wanted: WantedLink,
        now: Timestamp,
    ) -> Result<PaymentLink, IntentsError> {
        self.permit_link(caller, wanted.amount).await.map_err(|refusal| match refusal {
            Refusal::MethodTypeNotAllowed(_) => IntentsError::from(LinkRefusal::NoMethodAllowed),
            refusal => refusal.into(),
        })?;
        let id: PaymentLinkId = self.ids.next();
        let new = NewPaymentLink {
            id,
            tenant: caller.tenant.clone(),
            livemode: caller.livemode,
            amount: wanted.amount,
            customer_id: wanted.customer_id,
            merchant_account_id: wanted.merchant_account_id,
            description: wanted.description,
            order_ref: wanted.order_ref,
            hotel_id: wanted.hotel_id,
            details: wanted.details,
            guest: wanted.guest,
            usage: wanted.usage,
            expires_at: wanted.expires_at.unwrap_or(now + LIFETIME),
            token_hash: LinkTokens::hash(&self.links.tokens.of(&caller.tenant, id)),
        };
        Ok(PaymentLink::create(new, now)?)
    }

    /// Makes a link, and asks that it be sent by each of these ways.
    pub(crate) async fn create_link(
        &self,
        caller: &Caller,
        wanted: WantedLink,
        ways: (&[NoticeChannel], &str),
        key: Option<&RequestKey>,
        present: impl Fn(&PaymentLink) -> Answer,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        let now = self.clock.now();
        let made = self.new_link(caller, wanted, now).await;
        let made = made.and_then(|link| Ok((self.sendings_by(&link, ways, now)?, link)));
        let (sendings, link) = match made {
            Ok(made) => made,
            Err(error) => return self.keep_refusal(&caller.tenant, key, error).await,
        };
        let answer = present(&link);
        let record = record_of(key, link.id.to_string(), &answer, now);
        let change = self.with_sendings(Change::of(caller.tenant.clone()).keyed(record), &link, sendings);
        let change = change.save(Save::<PaymentLink>::new(link));
        match self.store.commit(change).await {
            Ok(_) => Ok(now_made(answer)),
            Err(CommitError::KeyTaken(record)) => again(*record, key),
            Err(error) => Err(error.into()),
        }
    }

    /// The link, if the caller may see it.
    pub(crate) async fn load_link(
        &self,
        caller: &Caller,
        id: PaymentLinkId,
    ) -> Result<PaymentLink, IntentsError> {
        let link = self.links.store.payment_link(&caller.tenant, id).await?;
        let visible = |link: &PaymentLink| match caller.only_customer() {
            Some(customer) => link.customer_id.as_deref() == Some(customer),
            None => true,
        };
        link.filter(visible).ok_or(IntentsError::NoSuchLink)
    }

    /// A page of links, newest first.
    pub(crate) async fn list_links(
        &self,
        caller: &Caller,
        mut filter: PaymentLinkFilter,
        page: &PageRequest,
    ) -> Result<Page<PaymentLink>, IntentsError> {
        if let Some(customer) = caller.only_customer() {
            filter.customer_id = Some(customer.to_owned());
        }
        Ok(self.links.store.payment_links(&caller.tenant, &filter, page).await?)
    }

    /// Gives a link another end.
    pub(crate) async fn prolong_link(
        &self,
        caller: &Caller,
        id: PaymentLinkId,
        expires_at: Timestamp,
        key: Option<&RequestKey>,
        present: impl Fn(&PaymentLink) -> Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_link(caller, id, key, present, |link, _, now| Ok(link.prolong(expires_at, now)?)).await
    }

    /// Takes a link back, unless money may be moving by it.
    pub(crate) async fn cancel_link(
        &self,
        caller: &Caller,
        id: PaymentLinkId,
        key: Option<&RequestKey>,
        present: impl Fn(&PaymentLink) -> Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_link(caller, id, key, present, |link, intent, now| {
            Ok(link.cancel(intent.is_some_and(may_move_money), now)?)
        })
        .await
    }

    async fn change_link(
        &self,
        caller: &Caller,
        id: PaymentLinkId,
        key: Option<&RequestKey>,
        present: impl Fn(&PaymentLink) -> Answer,
        decide: impl Fn(&PaymentLink, Option<&Intent>, Timestamp) -> Result<PaymentLink, IntentsError>,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load_link(caller, id).await?);
            let intent = match before.intent {
                Some(intent) => self.store.intent(&caller.tenant, intent).await?,
                None => None,
            };
            let now = self.clock.now();
            let after = match decide(&before, intent.as_ref(), now) {
                Ok(after) => after,
                Err(error) => return self.keep_refusal(&caller.tenant, key, error).await,
            };
            let answer = present(&after);
            let mut change =
                Change::of(caller.tenant.clone()).keyed(record_of(key, id.to_string(), &answer, now));
            if after != *before {
                change = change.save(Save::<PaymentLink>::changed(before, after));
            }
            match self.store.commit(change).await {
                Ok(_) => return Ok(now_made(answer)),
                Err(CommitError::KeyTaken(record)) => return again(*record, key),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

/// Whether money is held, taken, or may be on its way.
fn may_move_money(intent: &Intent) -> bool {
    !matches!(
        intent.status,
        IntentStatus::RequiresPaymentMethod
            | IntentStatus::RequiresConfirmation
            | IntentStatus::Canceled
            | IntentStatus::Failed
    )
}
