//! What is known of the request that is being served, wherever the code is.

use std::future::Future;
use std::sync::Arc;

use tender_domain::kernel::TenantId;

use crate::timing::ServerTiming;
use crate::trace::TraceContext;
use crate::work::Unfinished;

tokio::task_local! {
    static CURRENT: Arc<RequestContext>;
}

/// The request that is being served.
#[derive(Debug)]
pub(crate) struct RequestContext {
    /// `X-Request-Id`: the client's, when it was sane, else ours.
    pub(crate) request_id: String,
    /// The path as the client wrote it.
    pub(crate) path: String,
    /// The tenant that the path form `/v1/{tenantId}/payments/…` named.
    pub(crate) path_tenant: Option<TenantId>,
    /// The request's own place in the trace.
    pub(crate) trace: TraceContext,
    /// Where the time went.
    pub(crate) timing: ServerTiming,
    /// Where work that outlives the request is begun.
    pub(crate) unfinished: Unfinished,
}

impl RequestContext {
    /// Looks at the request that is being served, if one is.
    pub(crate) fn with<T>(look: impl FnOnce(&Self) -> T) -> Option<T> {
        CURRENT.try_with(|context| look(context)).ok()
    }

    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    pub(crate) async fn scope<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }
}
