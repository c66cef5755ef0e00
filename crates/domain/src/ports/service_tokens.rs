use secrecy::SecretString;

use crate::kernel::TenantId;

/// The service cannot sign its calls: a defect of its key, told when it is met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no token for service {audience} can be made: {problem}")]
pub struct ServiceTokenError {
    /// Who was to be called.
    pub audience: String,
    /// What is wrong.
    pub problem: String,
}

/// Makes the credential of a call from this service to another one.
pub trait ServiceTokens: Send + Sync {
    /// A short-lived token for one call of the service `audience` (`vault`) on behalf of a tenant.
    ///
    /// # Errors
    /// When the service's key cannot sign.
    fn token(&self, audience: &str, tenant: &TenantId) -> Result<SecretString, ServiceTokenError>;
}
