//! A method with its tokens, for one charge: the only way a token leaves the vault.

use async_trait::async_trait;
use tender_domain::kernel::{MethodId, TenantId};
use tender_domain::ports::{ChargeableMethod, MethodLookupError, MethodVault};

use crate::VaultService;
use crate::sealing::open;

#[async_trait]
impl MethodVault for VaultService {
    async fn method_for_charge(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let unavailable = |error: &dyn std::fmt::Display| MethodLookupError::Unavailable(error.to_string());
        let found = self.deps.store.method(tenant, id).await.map_err(|error| unavailable(&error))?;
        let method = found.ok_or(MethodLookupError::NotFound(id))?;
        let sealed = method.tokens().ok_or(MethodLookupError::NotFound(id))?;
        let opened = open(&self.deps.keyring, tenant, id, sealed).map_err(|error| {
            metrics::counter!("vault_secret_reads_total", "outcome" => "not_opened").increment(1);
            tracing::error!(%tenant, method = %id, key_version = sealed.key_version, %error, "tokens do not open");
            unavailable(&error)
        })?;
        metrics::counter!("vault_secret_reads_total", "outcome" => "opened").increment(1);
        Ok(ChargeableMethod {
            id,
            customer_id: method.customer_id.clone(),
            method_type: "card".to_owned(),
            brand: Some(method.card.brand.clone()),
            last4: Some(method.card.last4.clone()),
            exp_month: Some(method.card.exp_month),
            exp_year: Some(method.card.exp_year),
            fingerprint: method.fingerprint.to_string(),
            bin: method.card.bin.clone(),
            tokens: opened.0.into_iter().collect(),
        })
    }
}
