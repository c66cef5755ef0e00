use crate::kernel::{TenantId, Version};

/// What a process knows of the origins whose pages may call it from a browser (Fetch standard, CORS).
pub trait OriginMemory: Send + Sync {
    /// The origins that a tenant's settings of this version allow. What is older than what is remembered changes nothing.
    fn remember(&self, tenant: &TenantId, version: Version, origins: &[String]);
}
