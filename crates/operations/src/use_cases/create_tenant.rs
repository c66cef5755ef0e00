use tender_domain::kernel::{Change, CommitError, Guard, Save, TenantId};
use tender_domain::operations::{Tenant, TenantRefusal};

use crate::{OperationsError, OperationsService};

impl OperationsService {
    /// Makes a tenant. By command only: no route leads here.
    ///
    /// # Errors
    /// When there is one of this name, its display name is bad, or the store fails.
    pub async fn create_tenant(
        &self,
        tenant: &TenantId,
        display_name: Option<&str>,
    ) -> Result<Tenant, OperationsError> {
        let made = Tenant::create(tenant.clone(), display_name, self.now())?;
        let exists = || OperationsError::from(TenantRefusal::Exists(tenant.clone()));
        if self.store().tenant(tenant).await?.is_some() {
            return Err(exists());
        }
        let claim = Guard::Claim { kind: "tenant", key: String::new(), owner: self.ids().uuid().to_string() };
        let change = Change::of(tenant.clone()).save(Save::new(made.clone())).guarded(claim);
        match self.store().commit(change).await {
            Ok(_) => Ok(made),
            Err(CommitError::ClaimTaken { .. } | CommitError::Conflict) => Err(exists()),
            Err(error) => Err(error.into()),
        }
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
