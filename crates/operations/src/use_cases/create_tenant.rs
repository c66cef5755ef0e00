use tender_domain::kernel::{Change, CommitError, Guard, Save, TenantId};
use tender_domain::operations::{Tenant, TenantRefusal};

use super::keyed::TRIES;
use crate::{OperationsError, OperationsService};

impl OperationsService {
    /// Makes a tenant, and tells its settings, which are the defaults, in the same change: who follows settings does not
    /// know what they are before, and does nothing that they alone permit. By command only: no route leads here.
    ///
    /// # Errors
    /// When there is one of this name, its display name is bad, or the store fails.
    pub async fn create_tenant(
        &self,
        tenant: &TenantId,
        display_name: Option<&str>,
    ) -> Result<Tenant, OperationsError> {
        let made = Tenant::create(tenant.clone(), display_name, self.now())?;
        for _ in 0..TRIES {
            if self.store().tenant(tenant).await?.is_some() {
                return Err(TenantRefusal::Exists(tenant.clone()).into());
            }
            let owner = self.ids().uuid().to_string();
            let claim = Guard::Claim { kind: "tenant", key: String::new(), owner };
            let mut change = Change::of(tenant.clone()).save(Save::new(made.clone())).guarded(claim);
            // With a token of somebody else's issuer something can be set before: that was told then.
            if self.store().settings(tenant).await?.is_none() {
                change = self.with_defaults_told(change)?;
            }
            match self.store().commit(change).await {
                Ok(_) => return Ok(made),
                // Somebody made it, or set something first, and it is read again.
                Err(CommitError::ClaimTaken { .. } | CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The tenant of this name, made if there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ensure_tenant(&self, tenant: &TenantId) -> Result<Tenant, OperationsError> {
        match self.create_tenant(tenant, None).await {
            Err(OperationsError::Tenant(TenantRefusal::Exists(_))) => self.tenant(tenant).await,
            other => other,
        }
    }

    /// The tenant of this name.
    ///
    /// # Errors
    /// When there is none, or the store fails.
    pub async fn tenant(&self, tenant: &TenantId) -> Result<Tenant, OperationsError> {
        let found = self.store().tenant(tenant).await?;
        found.ok_or_else(|| OperationsError::UnknownTenant(tenant.clone()))
    }

    /// Tenants by name, at most 100, beginning after `after`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_tenants(&self, after: Option<&TenantId>) -> Result<Vec<Tenant>, OperationsError> {
        Ok(self.store().tenants(after).await?)
    }
}
