//! The refunds service as far as it is asked for refunds whose outcome is open.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tender_domain::kernel::{Money, StoreError, TenantId, Timestamp};
use tender_domain::refunds::{OpenRefund, OpenRefunds, OpenRefundsOf, RefundStatus};
use tender_events::RefundProcessed;

use crate::rig::acme;

/// What tenant `acme` has open, each of the customer that is named with it.
#[derive(Default)]
pub(crate) struct OpenElsewhere {
    open: Mutex<Vec<(String, OpenRefund)>>,
    away: AtomicBool,
}

impl OpenElsewhere {
    pub(crate) fn begin(&self, customer: &str, refund: OpenRefund) {
        self.open.lock().expect("no holder panics").push((customer.to_owned(), refund));
    }

    pub(crate) fn end_all(&self) {
        self.open.lock().expect("no holder panics").clear();
    }

    pub(crate) fn go_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }
}

/// The refund that was told as ended, while it was open.
pub(crate) fn open(told: &RefundProcessed) -> OpenRefund {
    OpenRefund {
        id: told.refund_id,
        intent_id: told.intent_id,
        connector: told.connector.clone(),
        amount: Money::new(told.amount_minor, told.currency),
        reason: "storm".to_owned(),
        status: RefundStatus::Processing,
        gateway_reference: None,
        created_at: told.created_at,
        asked_at: Some(told.created_at),
        checks: 1,
    }
}

#[async_trait]
impl OpenRefunds for OpenElsewhere {
    async fn open_refunds(
        &self,
        tenant: &TenantId,
        of: &OpenRefundsOf,
        _: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<OpenRefund>, StoreError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("cut".to_owned()));
        }
        let open = self.open.lock().expect("no holder panics");
        let is_asked_for = |(customer, refund): &&(String, OpenRefund)| match of {
            OpenRefundsOf::Customer(wanted) => customer == wanted,
            OpenRefundsOf::Intent(intent) => refund.intent_id == *intent,
            OpenRefundsOf::Queue => refund.checks > 0,
        };
        let found = open.iter().filter(|_| *tenant == acme()).filter(is_asked_for);
        Ok(found.map(|(_, refund)| refund.clone()).rev().take(limit).collect())
    }
}
