//! Who is told of a refund that was done: who had paid, the hotel, and the person who asked for it. Asked for by the commit
//! that shows the refund on its payment, sent by who looks for what is due.

use tender_domain::hotels::{HotelPayment, HotelValues};
use tender_domain::intents::{Intent, IntentWrite, RefundOfIntent};
use tender_domain::kernel::{
    Change, IntentId, Message, NotificationId, PaymentLinkId, Save, StoreError, TenantId, Timestamp,
};
use tender_domain::notices::{NewRefundNotice, NoticeReader, RefundNotice};
use tender_domain::payment_links::Guest;
use tender_domain::ports::{Notice, NoticeChannel, NotifyError};
use tender_events::{Envelope, NotificationRequested, PublicEvent};
use tender_http::current_traceparent;

use super::IntentsError;
use super::notices::{count, try_each};
use super::payment_links::LINK_METADATA;
use crate::IntentsService;
use crate::refund_messages::{RefundMail, mail_to_hotel, to_payer};

/// How many messages of one payment are shown.
const SHOWN_MAX: usize = 100;

/// Of a refund that was done, what people are told beside what shows it.
#[derive(Debug, Clone)]
pub(crate) struct RefundToTell {
    /// Whether it was given as credit with the merchant.
    pub(crate) is_credit: bool,
    /// Who asked for it for a hotel, as the refund names them; none when nobody did by hand.
    pub(crate) agent: Option<String>,
}

/// A payment with those who are to know what becomes of it.
struct Concerned<'a> {
    intent: &'a Intent,
    payer: Guest,
    hotel: Option<(HotelPayment, HotelValues)>,
}

impl IntentsService {
    /// The change with what people are told of a refund of this payment; nothing of one that is known to have been taken back
    /// since.
    pub(super) async fn with_refund_told(
        &self,
        change: Change<IntentWrite>,
        intent: &Intent,
        (refund, tell): (&RefundOfIntent, &RefundToTell),
        now: Timestamp,
    ) -> Result<Change<IntentWrite>, IntentsError> {
        let known = self.store.refunds_of_intents(&intent.tenant, &[intent.id]).await?;
        if known.iter().any(|known| known.id == refund.id && known.version > refund.version) {
            return Ok(change);
        }
        let concerned = self.concerned(intent).await?;
        let locale = concerned.payer.locale.clone();
        let told = self.told_of_refund(&concerned, refund, tell);
        let place = (intent.id, refund.id);
        Ok(told.into_iter().fold(change, |change, told| {
            let notice = RefundNotice::of(intent.tenant.clone(), place, told, now);
            let asked = self.asked_of_refund(&notice, locale.clone());
            change.tell([asked]).save(Save::<RefundNotice>::new(notice))
        }))
    }

    /// Who had paid, as far as that was told: to the hotel's payment, else with the link, and what is not said there with
    /// the payment itself.
    async fn concerned<'a>(&self, intent: &'a Intent) -> Result<Concerned<'a>, IntentsError> {
        let tenant = &intent.tenant;
        let kept = self.storefront.hotels.hotel_payment(tenant, intent.id).await?;
        let named = intent.metadata.entries().get(LINK_METADATA);
        let link = match named.and_then(|text| text.parse::<PaymentLinkId>().ok()) {
            Some(id) if kept.is_none() => self.links.store.payment_link(tenant, id).await?,
            _ => None,
        };
        let guest = kept.as_ref().map(|kept| kept.guest.clone()).or_else(|| link.map(|link| link.guest));
        let hotel = match kept {
            Some(kept) => {
                let values = self.hotel_values(tenant, &kept.hotel_id).await?;
                Some((kept, values))
            }
            None => None,
        };
        let payer = or_as_billed(guest.unwrap_or_default(), intent);
        Ok(Concerned { intent, payer, hotel })
    }

    /// Each address once: who is both hotel and agent has one message.
    fn told_of_refund(
        &self,
        concerned: &Concerned<'_>,
        refund: &RefundOfIntent,
        tell: &RefundToTell,
    ) -> Vec<NewRefundNotice> {
        let Concerned { intent, payer, hotel } = concerned;
        let mail = RefundMail {
            intent,
            refund,
            is_credit: tell.is_credit,
            payer,
            hotel: hotel.as_ref().map(|(kept, _)| kept),
        };
        let mut told: Vec<NewRefundNotice> = Vec::new();
        if let Some((channel, address)) = self.way_to(payer) {
            let (subject, body) = to_payer(&mail, channel);
            let reader = NoticeReader::Payer;
            told.push(NewRefundNotice { id: self.ids.next(), reader, channel, address, subject, body });
        }
        let Some((kept, values)) = hotel.as_ref().filter(|_| self.sends_mail()) else { return told };
        let agent = tell.agent.as_deref().and_then(|agent| values.email_of(agent));
        let hotels = values.notification_emails.iter().map(|email| (NoticeReader::Hotel, email.as_str()));
        for (reader, email) in hotels.chain(agent.map(|email| (NoticeReader::Agent, email))) {
            if told.iter().any(|known| known.address == email) {
                continue;
            }
            let (subject, body) = mail_to_hotel(&mail, kept);
            let (id, address) = (self.ids.next(), email.to_owned());
            told.push(NewRefundNotice { id, reader, channel: NoticeChannel::Email, address, subject, body });
        }
        told
    }

    /// By which of the ways that are set up somebody is reached: by e-mail, else by text message.
    fn way_to(&self, guest: &Guest) -> Option<(NoticeChannel, String)> {
        let is_set_up = |channel| self.links.notifiers.iter().any(|way| way.channel() == channel);
        let by = |channel, address: &Option<String>| {
            address
                .clone()
                .filter(|address| !address.is_empty() && is_set_up(channel))
                .map(|to| (channel, to))
        };
        by(NoticeChannel::Email, &guest.email).or_else(|| by(NoticeChannel::Sms, &guest.phone))
    }

    fn asked_of_refund(&self, notice: &RefundNotice, locale: Option<String>) -> Message {
        let is_for_payer = notice.told.reader == NoticeReader::Payer;
        let event = NotificationRequested {
            notification_id: notice.told.id,
            template: match notice.told.reader {
                NoticeReader::Payer => "refund",
                NoticeReader::Hotel => "refund_hotel",
                NoticeReader::Agent => "refund_agent",
            }
            .to_owned(),
            channel: notice.told.channel.as_str().to_owned(),
            subject_id: notice.refund_id.to_string(),
            locale: locale.filter(|_| is_for_payer),
            tenant_id: notice.tenant.clone(),
            version: notice.version,
            requested_at: notice.created_at,
        };
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }

    /// What was told of the refunds of a payment, the oldest first.
    pub(crate) async fn refund_notices_of(
        &self,
        tenant: &TenantId,
        payment: IntentId,
    ) -> Result<Vec<RefundNotice>, IntentsError> {
        Ok(self.refund_notices.refund_notices_of(tenant, payment, SHOWN_MAX).await?)
    }

    /// Tries what is to be told by now; how many were tried.
    pub(crate) async fn tell_of_refunds(&self, limit: usize) -> Result<usize, StoreError> {
        let due = self.refund_notices.due_refund_notices(self.clock.now(), limit).await?;
        Ok(try_each(due, |(tenant, id)| async move { self.try_telling_of_refund(&tenant, id).await }).await)
    }

    /// As [`IntentsService::try_sending`].
    async fn try_telling_of_refund(&self, tenant: &TenantId, id: NotificationId) -> Result<(), IntentsError> {
        let Some(notice) = self.refund_notices.refund_notice(tenant, id).await? else { return Ok(()) };
        let Some(taken) = notice.taken(self.clock.now()) else { return Ok(()) };
        let save = Save::<RefundNotice>::changed(notice, taken.clone());
        if !self.commit_try(Change::of(tenant.clone()).save(save)).await? {
            return Ok(());
        }
        let outcome = self.hand_over_notice(&taken.told).await;
        let Some((after, end)) = taken.tried(outcome, self.clock.now()) else { return Ok(()) };
        let lost = end.is_lost().then(|| {
            let told = &taken.told;
            let what = format!(
                "the {} to the {} about refund {}",
                told.channel.as_str(),
                told.reader.as_str(),
                taken.refund_id
            );
            self.lost((tenant, id), &what, &after.dispatch)
        });
        count("refund", end);
        let save = Save::<RefundNotice>::changed(taken, after);
        self.commit_try(Change::of(tenant.clone()).save(save).tell(lost)).await.map(drop)
    }

    async fn hand_over_notice(&self, told: &NewRefundNotice) -> Result<(), NotifyError> {
        let notifier = self.links.notifiers.iter().find(|notifier| notifier.channel() == told.channel);
        let gone = || format!("the channel {} is not set up any more", told.channel.as_str());
        let notifier = notifier.ok_or_else(|| NotifyError::Refused(gone()))?;
        let NewRefundNotice { id, address, subject, body, .. } = told.clone();
        notifier.send(&Notice { id, to: address, subject, text: body.into() }).await
    }
}

/// What a guest did not say of themselves, as the client told of who is billed for the payment.
fn or_as_billed(guest: Guest, intent: &Intent) -> Guest {
    let payer = &intent.options.payer;
    let Some(billed) = payer.billing.as_deref() else { return guest };
    let language = payer.browser.as_deref().and_then(|browser| browser.language.clone());
    // Whoever is named was named with what reaches them: the billed one's address is not taken for a guest who has one.
    if guest.email.is_some() || guest.phone.is_some() {
        return guest;
    }
    Guest {
        name: guest.name.or_else(|| billed.name.clone()),
        email: billed.email.clone(),
        phone: billed.phone.clone(),
        locale: guest.locale.or(language),
    }
}
