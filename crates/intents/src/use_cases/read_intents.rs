//! Reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tender_domain::fraud::FraudDecision;
use tender_domain::intents::{Intent, IntentFilter, RefundOfIntent, StoredOrder};
use tender_domain::kernel::{AttemptId, Caller, FraudDecisionId, IntentId, Page, PageRequest, TenantId};

use super::IntentsError;
use super::drive::Recorder;
use super::orders::is_visible;
use crate::IntentsService;

impl IntentsService {
    /// The intent, if the caller may see it.
    pub(crate) async fn load(&self, caller: &Caller, id: IntentId) -> Result<Intent, IntentsError> {
        let intent = self.store.intent(&caller.tenant, id).await?;
        let visible = |intent: &Intent| match caller.only_customer() {
            Some(customer) => intent.customer_id.as_deref() == Some(customer),
            None => true,
        };
        intent.filter(visible).ok_or(IntentsError::NoSuchIntent)
    }

    /// An intent for reading. One with an outcome that is due to be looked up is looked up first, so that the newest
    /// is told; when that cannot be, or is being done for another reader, what is known is told.
    pub(crate) async fn get_intent(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
    ) -> Result<Arc<Intent>, IntentsError> {
        let intent = self.load(caller, id).await?;
        Ok(self.newest(Arc::new(intent)).await)
    }

    /// The same for whoever in the tenant; the caller's right to see it is another's to check.
    pub(super) async fn newest_intent(
        self: &Arc<Self>,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<Arc<Intent>, IntentsError> {
        let intent = self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?;
        Ok(self.newest(Arc::new(intent)).await)
    }

    async fn newest(self: &Arc<Self>, intent: Arc<Intent>) -> Arc<Intent> {
        if intent.next_check_at().is_none_or(|due| due > self.clock.now()) {
            return intent;
        }
        let Some(_asker) = self.askers.enter(intent.id) else { return intent };
        match self.resolve_for(Arc::clone(&intent), Recorder::background()).await {
            Ok(newest) => newest,
            Err(error) => {
                tracing::warn!(intent = %intent.id, %error, "an outcome could not be looked up for a reader");
                intent
            }
        }
    }

    /// The intent of an attempt (and so of its authorization and its charge) for reading, if the caller may see it.
    pub(crate) async fn get_intent_of_attempt(
        self: &Arc<Self>,
        caller: &Caller,
        attempt: AttemptId,
    ) -> Result<Option<Arc<Intent>>, IntentsError> {
        let Some(intent) = self.store.intent_of_attempt(&caller.tenant, attempt).await? else {
            return Ok(None);
        };
        match self.get_intent(caller, intent.id).await {
            Ok(intent) => Ok(Some(intent)),
            Err(IntentsError::NoSuchIntent) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// An intent for reading, with the refunds that gave money back of it.
    pub(crate) async fn get_with_refunds(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
    ) -> Result<(Arc<Intent>, Vec<RefundOfIntent>), IntentsError> {
        let intent = self.get_intent(caller, id).await?;
        let mut refunds = self.store.refunds_of_intents(&caller.tenant, &[id]).await?;
        refunds.retain(RefundOfIntent::gave_back);
        Ok((intent, refunds))
    }

    /// A page of intents, newest first.
    pub(crate) async fn list_intents(
        &self,
        caller: &Caller,
        mut filter: IntentFilter,
        page: &PageRequest,
    ) -> Result<Page<Intent>, IntentsError> {
        if let Some(customer) = caller.only_customer() {
            if filter.customer_id.as_deref().is_some_and(|asked| asked != customer) {
                return Ok(Page { data: Vec::new(), has_more: false });
            }
            filter.customer_id = Some(customer.to_owned());
        }
        Ok(self.store.intents(&caller.tenant, &filter, page).await?)
    }

    /// The orders of the built-in directory that these intents are for and the caller may see, by their references.
    pub(crate) async fn orders_of(
        &self,
        caller: &Caller,
        intents: &[&Intent],
    ) -> Result<BTreeMap<String, StoredOrder>, IntentsError> {
        let named: BTreeSet<String> = intents.iter().filter_map(|intent| intent.order_ref.clone()).collect();
        if named.is_empty() {
            return Ok(BTreeMap::new());
        }
        let named: Vec<String> = named.into_iter().collect();
        let mut found = self.store.orders(&caller.tenant, &named).await?;
        found.retain(|stored| is_visible(caller, stored));
        Ok(found.into_iter().map(|stored| (stored.order.reference.clone(), stored)).collect())
    }

    /// What fraud decided last of these intents, by the decisions' ids.
    pub(crate) async fn fraud_decisions_of(
        &self,
        caller: &Caller,
        intents: &[&Intent],
    ) -> Result<BTreeMap<FraudDecisionId, FraudDecision>, IntentsError> {
        let decided = |intent: &&Intent| intent.risk.decision.as_ref().map(|decision| decision.id);
        let named: BTreeSet<FraudDecisionId> = intents.iter().filter_map(decided).collect();
        if named.is_empty() {
            return Ok(BTreeMap::new());
        }
        let named: Vec<FraudDecisionId> = named.into_iter().collect();
        let found = self.fraud.store.fraud_decisions(&caller.tenant, &named).await?;
        Ok(found.into_iter().map(|decision| (decision.id, decision)).collect())
    }

    /// An intent for another service of the platform (refunds' read-through).
    pub(crate) async fn intent_for_service(
        &self,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<Option<Intent>, IntentsError> {
        Ok(self.store.intent(tenant, id).await?)
    }

    /// The intent of an attempt, and so of its charge, for another service of the platform.
    pub(crate) async fn intent_of_attempt(
        &self,
        tenant: &TenantId,
        id: AttemptId,
    ) -> Result<Option<Intent>, IntentsError> {
        Ok(self.store.intent_of_attempt(tenant, id).await?)
    }
}
