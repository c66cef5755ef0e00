//! Hotels, and programs of theirs, are told how payments ended: asked for by the commit that ends one, sent by who looks
//! for what is due.

use tender_domain::hotels::{
    HotelNotification, HotelPayment, HotelValues, HotelWrite, NewNotification, NotificationWay, PaymentEnd,
};
use tender_domain::intents::{Channel, Intent, IntentEvent, IntentWrite};
use tender_domain::kernel::{Change, IntentId, NotificationId, Save, StoreError, TenantId, Timestamp};
use tender_domain::ports::{Notice, NoticeChannel, Notifier, NotifyError, Webhook};

use super::IntentsError;
use super::notices::{count, try_each};
use crate::IntentsService;
use crate::hotel_messages::{mail_of, webhook_of};

/// How many messages of one payment are shown.
const SHOWN_MAX: usize = 50;

impl IntentsService {
    /// The change with what the hotel is told of a payment that these events end.
    pub(super) async fn with_hotel_told(
        &self,
        change: Change<IntentWrite>,
        (intent, events): (&Intent, &[IntentEvent]),
        now: Timestamp,
    ) -> Result<Change<IntentWrite>, IntentsError> {
        if intent.channel != Channel::Hotels {
            return Ok(change);
        }
        let Some(end) = PaymentEnd::by(intent, events) else { return Ok(change) };
        let hotels = &self.storefront.hotels;
        let Some(kept) = hotels.hotel_payment(&intent.tenant, intent.id).await? else { return Ok(change) };
        let values = self.hotel_values(&intent.tenant, &kept.hotel_id).await?;
        let told = self.to_be_told((intent, end), (&kept, &values), now);
        let told = told.into_iter().map(|told| HotelNotification::of(intent, end, told, now));
        Ok(told.fold(change, |change, told| change.save(HotelWrite::Notification(Save::new(told)))))
    }

    fn to_be_told(
        &self,
        (intent, end): (&Intent, PaymentEnd),
        (kept, values): (&HotelPayment, &HotelValues),
        now: Timestamp,
    ) -> Vec<NewNotification> {
        let called = kept.notification_url.as_ref().or(values.notification_url.as_ref());
        let called = called.map(|url| NewNotification {
            id: self.ids.next(),
            way: NotificationWay::Url,
            address: url.clone(),
            subject: None,
            body: webhook_of(intent, kept, end, now),
        });
        let mailed = values.notification_emails.iter().map(|address| {
            let (subject, body) = mail_of(intent, kept, end);
            NewNotification {
                id: self.ids.next(),
                way: NotificationWay::Email,
                address: address.clone(),
                subject: Some(subject),
                body,
            }
        });
        called.into_iter().chain(mailed).collect()
    }

    /// What was told of a payment, the oldest first.
    pub(crate) async fn notifications_of_payment(
        &self,
        tenant: &TenantId,
        payment: IntentId,
    ) -> Result<Vec<HotelNotification>, IntentsError> {
        Ok(self.storefront.hotels.notifications_of_payment(tenant, payment, SHOWN_MAX).await?)
    }

    /// Tries what is to be told by now; how many were tried.
    pub(crate) async fn tell_hotels(&self, limit: usize) -> Result<usize, StoreError> {
        let due = self.storefront.hotels.due_notifications(self.clock.now(), limit).await?;
        Ok(try_each(due, |(tenant, id)| async move { self.try_telling(&tenant, id).await }).await)
    }

    /// As [`IntentsService::try_sending`].
    async fn try_telling(&self, tenant: &TenantId, id: NotificationId) -> Result<(), IntentsError> {
        let Some(told) = self.storefront.hotels.hotel_notification(tenant, id).await? else { return Ok(()) };
        let Some(taken) = told.taken(self.clock.now()) else { return Ok(()) };
        let save = HotelWrite::Notification(Save::changed(told, taken.clone()));
        if !self.commit_try(Change::of(tenant.clone()).save(save)).await? {
            return Ok(());
        }
        let outcome = self.tell(&taken).await;
        let Some((after, end)) = taken.tried(outcome, self.clock.now()) else { return Ok(()) };
        let lost = end.is_lost().then(|| {
            let payment = taken.intent_id.uuid();
            let what = format!("the {} about hotel payment {payment}", taken.told.way.as_str());
            self.lost((tenant, id), &what, &after.dispatch)
        });
        count("hotel_payment", end);
        let save = HotelWrite::Notification(Save::changed(taken, after));
        self.commit_try(Change::of(tenant.clone()).save(save).tell(lost)).await.map(drop)
    }

    async fn tell(&self, told: &HotelNotification) -> Result<(), NotifyError> {
        let NewNotification { id, way, address, subject, body } = told.told.clone();
        match way {
            NotificationWay::Url => {
                let webhook = Webhook { id, url: address, at: self.clock.now(), body };
                self.storefront.webhooks.send(&webhook).await
            }
            NotificationWay::Email => {
                let subject = subject.unwrap_or_default();
                let notice = Notice { id, to: address, subject, text: body.into() };
                self.mailer()?.send(&notice).await
            }
        }
    }

    /// Who delivers e-mail.
    pub(super) fn mailer(&self) -> Result<&dyn Notifier, NotifyError> {
        let by_mail = self.links.notifiers.iter().find(|way| way.channel() == NoticeChannel::Email);
        let none = || NotifyError::Refused("no mail server is set up (notifications.smtp_url)".to_owned());
        by_mail.map(|way| &**way).ok_or_else(none)
    }
}
