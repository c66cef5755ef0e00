//! Vaults for tests: with a method for each test token, and with none.

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{MethodId, TenantId};
use tender_domain::ports::{ChargeableMethod, MethodLookupError, MethodVault};
use tender_simulator::test_cards;

use crate::rig::CUSTOMER;

/// A vault that has one method of [`CUSTOMER`] for each test token.
pub(crate) struct TestMethods;

#[async_trait]
impl MethodVault for TestMethods {
    async fn method_for_charge(
        &self,
        _: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let place = usize::try_from(id.uuid().as_u128()).unwrap_or(usize::MAX);
        let card = place.checked_sub(1).and_then(|place| test_cards().get(place));
        let card = card.ok_or(MethodLookupError::NotFound(id))?;
        Ok(ChargeableMethod {
            id,
            customer_id: Some(CUSTOMER.to_owned()),
            method_type: "card".to_owned(),
            brand: Some(card.brand.to_owned()),
            last4: card.number.get(card.number.len() - 4..).map(str::to_owned),
            exp_month: Some(12),
            exp_year: Some(2039),
            fingerprint: format!("fingerprint of {}", card.token),
            bin: card.number.get(..6).map(str::to_owned),
            account_country: None,
            merchant_account_id: None,
            tokens: vec![("simulator".to_owned(), SecretString::from(card.token))],
        })
    }
}

/// A vault from which every method was deleted.
pub(crate) struct NoMethods;

#[async_trait]
impl MethodVault for NoMethods {
    async fn method_for_charge(
        &self,
        _: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        Err(MethodLookupError::NotFound(id))
    }
}
