//! A method with its tokens, for one charge: the only way a token leaves the vault.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use tender_domain::kernel::{MethodId, TenantId};
use tender_domain::ports::{ChargeableMethod, MethodLookupError, MethodVault};
use tender_domain::vault::{PaymentMethod, ReadPurpose, Reader, SecretOf, SecretRead};

use crate::VaultService;
use crate::sealing::{ConnectorTokens, SealError};

/// Who charges.
static INTENTS: LazyLock<Arc<str>> = LazyLock::new(|| "intents".into());
/// The vault itself, when it rotates keys.
static VAULT: LazyLock<Arc<str>> = LazyLock::new(|| "vault".into());

#[async_trait]
impl MethodVault for VaultService {
    async fn method_for_charge(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        self.read_for_charge(Reader::Service(Arc::clone(&INTENTS)), tenant, id).await
    }
}

impl VaultService {
    /// The method with its tokens in the clear. The read is put down before they are given out.
    ///
    /// # Errors
    /// See [`MethodLookupError`]; `Unavailable` also when the read could not be put down.
    pub async fn read_for_charge(
        &self,
        reader: Reader,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let (method, opened) = self.read_tokens((reader, ReadPurpose::Charge), tenant, id).await?;
        let card = method.details.card();
        Ok(ChargeableMethod {
            id,
            customer_id: method.customer_id.clone(),
            merchant_account_id: method.merchant_account_id.clone(),
            method_type: method.details.method_type().as_str().to_owned(),
            brand: card.map(|card| card.brand.clone()),
            last4: method.details.last4().map(str::to_owned),
            exp_month: card.map(|card| card.exp_month),
            exp_year: card.map(|card| card.exp_year),
            fingerprint: method.fingerprint.to_string(),
            bin: card.and_then(|card| card.bin.clone()),
            account_country: method.details.bank_account().map(|account| account.country.clone()),
            tokens: opened.0.into_iter().collect(),
        })
    }

    /// The method and its tokens in the clear. The read is put down before they are given out.
    pub(super) async fn read_tokens(
        &self,
        by: (Reader, ReadPurpose),
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<(Arc<PaymentMethod>, ConnectorTokens), MethodLookupError> {
        let unavailable = |error: &dyn std::fmt::Display| MethodLookupError::Unavailable(error.to_string());
        let (method, opened) = match self.found(tenant, id).await? {
            // Its key was retired between the two looks: it is sealed under another by now.
            (_, Err(SealError::Retired)) => self.found(tenant, id).await?,
            found => found,
        };
        let outcome = if opened.is_ok() { "opened" } else { "not_opened" };
        metrics::counter!("vault_secret_reads_total", "outcome" => outcome).increment(1);
        let line = self.line(tenant, SecretOf::Method(id), by, opened.is_ok());
        self.reads.put(line).await.map_err(|refusal| unavailable(&refusal))?;
        let opened = opened.map_err(|error| {
            tracing::error!(%tenant, method = %id, %error, "tokens do not open");
            unavailable(&error)
        })?;
        Ok((method, opened))
    }

    async fn found(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<(Arc<PaymentMethod>, Result<ConnectorTokens, SealError>), MethodLookupError> {
        let found = self.deps.store.method(tenant, id).await;
        let found = found.map_err(|error| MethodLookupError::Unavailable(error.to_string()))?;
        let method = found.ok_or(MethodLookupError::NotFound(id))?;
        let sealed = method.tokens().ok_or(MethodLookupError::NotFound(id))?;
        let opened = self.keys.open(tenant, id, sealed).await;
        Ok((method, opened))
    }

    /// A line of the log of secret reads.
    pub(super) fn line(
        &self,
        tenant: &TenantId,
        of: SecretOf,
        (reader, purpose): (Reader, ReadPurpose),
        opened: bool,
    ) -> SecretRead {
        let (id, at) = (self.deps.ids.next(), self.deps.clock.now());
        SecretRead { id, tenant: tenant.clone(), of, reader, purpose, opened, at }
    }

    /// The vault as a reader of its own secrets.
    pub(super) fn vault_reader(&self) -> Reader {
        Reader::Service(Arc::clone(&VAULT))
    }
}
