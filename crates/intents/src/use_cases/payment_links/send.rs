//! Sends a link to its guest: asked for by one commit, sent by who looks for what is due.

use tender_domain::intents::IntentWrite;
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, Message, NotificationId, PaymentLinkId, Save, StoreError, TenantId,
    Timestamp,
};
use tender_domain::payment_links::{LinkSending, LinkState, PaymentLink};
use tender_domain::ports::{Notice, NoticeChannel, NotifyError};
use tender_events::{Envelope, NotificationRequested, PublicEvent};
use tender_http::{RequestKey, current_traceparent};

use crate::IntentsService;
use crate::use_cases::notices::{count, try_each};
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError};
use crate::words::{fill, words_for};

/// How many messages of one link are shown.
const SHOWN_MAX: usize = 20;

impl IntentsService {
    /// Asks that a link be sent, by each channel once.
    pub(crate) async fn send_link(
        &self,
        caller: &Caller,
        id: PaymentLinkId,
        (channels, base_url): (&[NoticeChannel], &str),
        key: Option<&RequestKey>,
        present: impl Fn(&PaymentLink, &[LinkSending]) -> Answer,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        let link = self.load_link(caller, id).await?;
        let now = self.clock.now();
        let sendings = match self.sendings_by(&link, (channels, base_url), now) {
            Ok(sendings) => sendings,
            Err(error) => return self.keep_refusal(&caller.tenant, key, error).await,
        };
        let answer = present(&link, &sendings);
        let mut change =
            Change::of(caller.tenant.clone()).keyed(record_of(key, id.to_string(), &answer, now));
        change = self.with_sendings(change, &link, sendings);
        match self.store.commit(change).await {
            Ok(_) => Ok(now_made(answer)),
            Err(CommitError::KeyTaken(record)) => again(*record, key),
            Err(error) => Err(error.into()),
        }
    }

    /// What brings a link to its guest, by each of these ways.
    pub(super) fn sendings_by(
        &self,
        link: &PaymentLink,
        (channels, base_url): (&[NoticeChannel], &str),
        now: Timestamp,
    ) -> Result<Vec<LinkSending>, IntentsError> {
        let send = |channel: &NoticeChannel| {
            if !self.links.notifiers.iter().any(|notifier| notifier.channel() == *channel) {
                return Err(IntentsError::ChannelNotAvailable(*channel));
            }
            Ok(link.send(self.ids.next(), *channel, base_url, now)?)
        };
        channels.iter().map(send).collect()
    }

    /// The change with these asked for.
    pub(super) fn with_sendings(
        &self,
        change: Change<IntentWrite>,
        link: &PaymentLink,
        sendings: Vec<LinkSending>,
    ) -> Change<IntentWrite> {
        sendings.into_iter().fold(change, |change, sending| {
            change.tell([self.asked(link, &sending)]).save(Save::<LinkSending>::new(sending))
        })
    }

    /// What brings a new link to its guest, by every way that is set up and reaches the guest; with what tells of it.
    pub(in crate::use_cases) fn sendings_to_guest(
        &self,
        link: &PaymentLink,
        base_url: &str,
        now: Timestamp,
    ) -> Vec<(LinkSending, Message)> {
        let ways = self.links.notifiers.iter().map(|notifier| notifier.channel());
        let sendings = ways.filter_map(|way| link.send(self.ids.next(), way, base_url, now).ok());
        sendings.map(|sending| (sending.clone(), self.asked(link, &sending))).collect()
    }

    fn asked(&self, link: &PaymentLink, sending: &LinkSending) -> Message {
        let event = NotificationRequested {
            notification_id: sending.id,
            template: "payment_link".to_owned(),
            channel: sending.channel.as_str().to_owned(),
            subject_id: link.id.to_string(),
            locale: link.guest.locale.clone(),
            tenant_id: link.tenant.clone(),
            version: sending.version,
            requested_at: sending.created_at,
        };
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }

    /// The newest messages that were to bring a link to its guest.
    pub(crate) async fn sendings_of_link(
        &self,
        link: &PaymentLink,
    ) -> Result<Vec<LinkSending>, IntentsError> {
        Ok(self.links.store.sendings_of_link(&link.tenant, link.id, SHOWN_MAX).await?)
    }

    /// Tries what is to be sent by now; how many were tried.
    pub(crate) async fn send_due_links(&self, limit: usize) -> Result<usize, StoreError> {
        let due = self.links.store.due_sendings(self.clock.now(), limit).await?;
        Ok(try_each(due, |(tenant, id)| async move { self.try_sending(&tenant, id).await }).await)
    }

    /// Tries to send what was asked for, unless somebody else does or it has ended. A process that ends after the
    /// message was handed over and before that is committed hands it over again, under the same id.
    async fn try_sending(&self, tenant: &TenantId, id: NotificationId) -> Result<(), IntentsError> {
        let Some(sending) = self.links.store.link_sending(tenant, id).await? else { return Ok(()) };
        let Some(taken) = sending.taken(self.clock.now()) else { return Ok(()) };
        let save = Save::<LinkSending>::changed(sending, taken.clone());
        if !self.commit_try(Change::of(tenant.clone()).save(save)).await? {
            return Ok(());
        }
        let link = self.links.store.payment_link(tenant, taken.link).await?;
        let outcome = self.hand_over(&link.ok_or(IntentsError::NoSuchLink)?, &taken).await;
        let Some((after, end)) = taken.tried(outcome, self.clock.now()) else { return Ok(()) };
        let lost = end.is_lost().then(|| {
            let what = format!("the {} with payment link {}", taken.channel.as_str(), taken.link);
            self.lost((tenant, id), &what, &after.dispatch)
        });
        count("payment_link", end);
        let save = Save::<LinkSending>::changed(taken, after);
        self.commit_try(Change::of(tenant.clone()).save(save).tell(lost)).await.map(drop)
    }

    async fn hand_over(&self, link: &PaymentLink, sending: &LinkSending) -> Result<(), NotifyError> {
        let state = link.state(self.clock.now());
        if state != LinkState::Active {
            let why = format!("the link was {} before the message could be sent", state.as_str());
            return Err(NotifyError::Refused(why));
        }
        let notifier = self.links.notifiers.iter().find(|notifier| notifier.channel() == sending.channel);
        let gone = || format!("the channel {} is not set up any more", sending.channel.as_str());
        let notifier = notifier.ok_or_else(|| NotifyError::Refused(gone()))?;
        notifier.send(&self.notice(link, sending)).await
    }

    fn notice(&self, link: &PaymentLink, sending: &LinkSending) -> Notice {
        let token = self.links.tokens.of(&link.tenant, link.id);
        let address = format!("{}/pay/{token}", sending.base_url);
        let words = words_for(link.guest.locale.as_deref(), None);
        let what = link.description.as_deref().unwrap_or(words.your_payment);
        let (amount, until) = (words.amount(link.amount), words.instant(link.expires_at));
        let values = [("what", what), ("amount", &*amount), ("address", &*address), ("until", &*until)];
        let text = match sending.channel {
            NoticeChannel::Sms => fill(words.text_message, &values),
            NoticeChannel::Email => {
                let greeting = match &link.guest.name {
                    Some(name) => fill(words.mail_dear, &[("name", name)]),
                    None => words.mail_hello.to_owned(),
                };
                format!("{greeting}\n\n{}\n", fill(words.mail_text, &values))
            }
        };
        let subject = fill(words.mail_subject, &values);
        Notice { id: sending.id, to: sending.recipient.clone(), subject, text: text.into() }
    }
}
