//! Payment links in memory: beside the intents, whose changes they are written with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{
    CommitError, Direction, NotificationId, Page, PageRequest, PaymentLinkId, Save, StoreError, TenantId,
    Timestamp,
};
use tender_domain::notices::Dispatch;
use tender_domain::payment_links::{LinkSending, PaymentLink, PaymentLinkFilter, PaymentLinkStore};

use crate::MemoryIntentStore;
use crate::intents::{check_version, refused};

/// The links of every tenant.
#[derive(Debug, Default)]
pub(crate) struct PaymentLinks {
    links: BTreeMap<(TenantId, PaymentLinkId), Arc<PaymentLink>>,
    sendings: BTreeMap<(TenantId, NotificationId), Arc<LinkSending>>,
}

impl PaymentLinks {
    pub(crate) fn check(&self, save: &Save<PaymentLink>) -> Result<(), CommitError> {
        let place = (save.after.tenant.clone(), save.after.id);
        let stored = self.links.get(&place).map(|stored| stored.version);
        check_version(save, stored, |link| link.version, "payment_links_pkey")?;
        let taken =
            |other: &Arc<PaymentLink>| other.token_hash == save.after.token_hash && other.id != save.after.id;
        if self.links.values().any(taken) { Err(refused("locator_pkey")) } else { Ok(()) }
    }

    pub(crate) fn check_sending(&self, save: &Save<LinkSending>) -> Result<(), CommitError> {
        let stored = self.sendings.get(&(save.after.tenant.clone(), save.after.id));
        let stored = stored.map(|stored| stored.version);
        check_version(save, stored, |sending| sending.version, "link_sendings_pkey")
    }

    pub(crate) fn apply_sending(&mut self, sending: Arc<LinkSending>) {
        self.sendings.insert((sending.tenant.clone(), sending.id), sending);
    }

    pub(crate) fn apply(&mut self, link: Arc<PaymentLink>) {
        self.links.insert((link.tenant.clone(), link.id), link);
    }
}

/// Of these messages those that are to be tried, the longest due first.
pub(crate) fn longest_due<'a>(
    messages: impl Iterator<Item = (&'a Dispatch, &'a TenantId, NotificationId)>,
    now: Timestamp,
    limit: usize,
) -> Vec<(TenantId, NotificationId)> {
    let due = |(dispatch, tenant, id): (&Dispatch, &TenantId, NotificationId)| {
        dispatch.due_at.filter(|at| *at <= now).map(|at| (at, tenant.clone(), id))
    };
    let mut due: Vec<_> = messages.filter_map(due).collect();
    due.sort();
    due.into_iter().take(limit).map(|(_, tenant, id)| (tenant, id)).collect()
}

fn owned(link: &Arc<PaymentLink>) -> PaymentLink {
    PaymentLink::clone(link)
}

#[async_trait]
impl PaymentLinkStore for MemoryIntentStore {
    async fn payment_link(
        &self,
        tenant: &TenantId,
        id: PaymentLinkId,
    ) -> Result<Option<PaymentLink>, StoreError> {
        let place = (tenant.clone(), id);
        Ok(self.read(|all| all.links.links.get(&place).map(owned)))
    }

    async fn payment_link_by_token(&self, hash: &[u8; 32]) -> Result<Option<PaymentLink>, StoreError> {
        Ok(self.read(|all| all.links.links.values().find(|link| link.token_hash == *hash).map(owned)))
    }

    async fn link_sending(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<LinkSending>, StoreError> {
        let place = (tenant.clone(), id);
        Ok(self.read(|all| all.links.sendings.get(&place).map(|sending| LinkSending::clone(sending))))
    }

    async fn sendings_of_link(
        &self,
        tenant: &TenantId,
        link: PaymentLinkId,
        limit: usize,
    ) -> Result<Vec<LinkSending>, StoreError> {
        let mut found: Vec<LinkSending> = self.read(|all| {
            let own = all.links.sendings.values();
            own.filter(|sending| sending.tenant == *tenant && sending.link == link)
                .map(|sending| LinkSending::clone(sending))
                .collect()
        });
        found.sort_by_key(|sending| std::cmp::Reverse((sending.created_at, sending.id)));
        found.truncate(limit);
        Ok(found)
    }

    async fn due_sendings(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError> {
        Ok(self.read(|all| {
            let all = all.links.sendings.values();
            longest_due(all.map(|sending| (&sending.dispatch, &sending.tenant, sending.id)), now, limit)
        }))
    }

    async fn payment_links(
        &self,
        tenant: &TenantId,
        filter: &PaymentLinkFilter,
        page: &PageRequest,
    ) -> Result<Page<PaymentLink>, StoreError> {
        let cursor = page.cursor.map(|cursor| PaymentLinkId::from_uuid(cursor.0));
        let rows: Vec<PaymentLink> = self.read(|all| {
            let passes = |link: &&Arc<PaymentLink>| {
                let is = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
                link.tenant == *tenant
                    && is(&filter.order_ref, &link.order_ref)
                    && is(&filter.customer_id, &link.customer_id)
            };
            let found = all.links.links.values().filter(passes);
            let fetch = page.limit() + 1;
            match page.direction {
                Direction::Older => {
                    let older = found.rev().filter(|link| cursor.is_none_or(|at| link.id < at));
                    older.take(fetch).map(owned).collect()
                }
                Direction::Newer => {
                    let newer = found.filter(|link| cursor.is_none_or(|at| link.id > at));
                    newer.take(fetch).map(owned).collect()
                }
            }
        });
        Ok(Page::from_fetched(page, rows))
    }
}
