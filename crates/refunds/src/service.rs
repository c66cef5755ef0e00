//! The service: what its use cases work with.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::dispute_cases::DisputeCaseStore;
use tender_domain::disputes::DisputeStore;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{Clock, Ids};
use tender_domain::refund_policy::RefundPolicyStore;
use tender_domain::refunds::{
    ChargeSource, LookupSchedule, OpenRefunds, RefundAttempt, RefundPacing, RefundStore, RetrySchedule,
};
use tender_domain::uploads::{ObjectStorage, UploadStore};

use crate::StorefrontPorts;
use crate::UploadLinks;
use crate::ports::Gateways;

/// What the service needs of the world.
#[derive(Clone)]
pub struct Deps {
    /// Where charges and refunds are.
    pub store: Arc<dyn RefundStore>,
    /// Where disputes are read; the same store.
    pub disputes: Arc<dyn DisputeStore>,
    /// Where cases are read; the same store.
    pub cases: Arc<dyn DisputeCaseStore>,
    /// Where refund policies are read; the same store.
    pub policies: Arc<dyn RefundPolicyStore>,
    /// Where refunds whose outcome is open are read; over the same tables.
    pub open: Arc<dyn OpenRefunds>,
    /// Where a charge is asked for that the events have not told of yet.
    pub charges: Arc<dyn ChargeSource>,
    /// Where refunds are made.
    pub gateways: Gateways,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// What uploads need.
    pub files: FilePorts,
    /// What the storefront dialects need.
    pub storefront: StorefrontPorts,
}

/// What uploads need.
#[derive(Clone)]
pub struct FilePorts {
    /// Where uploads are read; the same store.
    pub uploads: Arc<dyn UploadStore>,
    /// What holds their contents.
    pub storage: Arc<dyn ObjectStorage>,
    /// Signs the links to contents that this service serves itself.
    pub links: UploadLinks,
    /// Where clients reach this service, without a slash at the end; empty: as the request came in.
    pub public_url: String,
    /// The most bytes that a file may have.
    pub size_max_bytes: u64,
}

/// Bounds of the service.
#[derive(Debug, Clone)]
pub struct RefundsOptions {
    /// How long one call to a gateway may take. Then its outcome is unknown.
    pub call_timeout: Duration,
    /// How long after its commit a call may still be sent. A call that has not been sent by then is not sent any more,
    /// so that a gateway's "not found" can become final.
    pub send_within: Duration,
    /// When an unknown outcome is asked for again.
    pub schedule: LookupSchedule,
    /// When a refund is tried again that its gateway did not do for a reason that passes.
    pub retries: RetrySchedule,
    /// The least time between two questions about a refund that are asked because somebody reads it.
    pub read_check_interval: Duration,
}

impl Default for RefundsOptions {
    fn default() -> Self {
        Self {
            call_timeout: Duration::from_secs(20),
            send_within: Duration::from_secs(5),
            schedule: LookupSchedule::default(),
            retries: RetrySchedule::default(),
            read_check_interval: Duration::from_secs(1),
        }
    }
}

/// The refunds service. Cheap to share as an [`Arc`].
pub struct RefundsService {
    pub(crate) store: Arc<dyn RefundStore>,
    pub(crate) disputes: Arc<dyn DisputeStore>,
    pub(crate) cases: Arc<dyn DisputeCaseStore>,
    pub(crate) policies: Arc<dyn RefundPolicyStore>,
    pub(crate) open: Arc<dyn OpenRefunds>,
    pub(crate) charges: Arc<dyn ChargeSource>,
    pub(crate) gateways: Gateways,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) files: FilePorts,
    pub(crate) storefront: StorefrontPorts,
    pub(crate) options: RefundsOptions,
}

impl RefundsService {
    /// The service over its ports.
    #[must_use]
    pub fn new(deps: Deps, options: RefundsOptions) -> Arc<Self> {
        let Deps { store, disputes, cases, policies, open, charges, gateways, clock, ids, files, storefront } =
            deps;
        Arc::new(Self {
            store,
            disputes,
            cases,
            policies,
            open,
            charges,
            gateways,
            clock,
            ids,
            files,
            storefront,
            options,
        })
    }

    /// When the gateway is asked again, for one decision. The chance is the thread's own, so that a simulated world can
    /// seed it.
    pub(crate) fn pacing(&self) -> RefundPacing {
        let RefundsOptions { schedule, retries, .. } = &self.options;
        RefundPacing { lookups: schedule.clone(), retries: retries.clone(), chance: fastrand::u8(..) }
    }

    /// The last instant at which the call of this attempt can have been sent.
    pub(crate) fn sent_before(&self, attempt: &RefundAttempt) -> Timestamp {
        attempt.started_at + self.options.send_within
    }

    /// From when on the process that made the call is done with it: it has recorded an outcome, or it is gone.
    pub(crate) fn over_by(&self, attempt: &RefundAttempt) -> Timestamp {
        // Twice: once for the call, once for the commit of its outcome.
        self.sent_before(attempt) + self.options.call_timeout * 2
    }
}
