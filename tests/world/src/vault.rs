//! A vault with one method for each test token, and nobody's API keys.

use async_trait::async_trait;
use secrecy::SecretString;
use tender_domain::kernel::{MethodId, PaymentLinkId, StoreError, TenantId};
use tender_domain::ports::{
    ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup, CardForm, CardFormError, CardForms, ChargeableMethod,
    FormMethod, MethodLookupError, MethodVault, NotifyError, Webhook, WebhookSender,
};
use tender_simulator::test_cards;
use uuid::Uuid;

pub(crate) const CUSTOMER: &str = "cust_1";

/// The method that charges the test token of this place.
pub(crate) fn method(token: &str) -> String {
    let place = test_cards().iter().position(|card| card.token == token).expect("a test token");
    MethodId::from_uuid(Uuid::from_u128(place as u128 + 1)).to_string()
}

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
            fingerprint: "f".to_owned(),
            bin: None,
            account_country: None,
            merchant_account_id: None,
            tokens: vec![("simulator".to_owned(), SecretString::from(card.token))],
        })
    }
}

/// Nobody pays by a link in this world.
pub(crate) struct NoCardForms;

#[async_trait]
impl CardForms for NoCardForms {
    async fn ticket(&self, _: &CardForm) -> Result<String, CardFormError> {
        Err(CardFormError("this vault has no forms".to_owned()))
    }

    async fn method(
        &self,
        _: &TenantId,
        _: PaymentLinkId,
        _: &str,
    ) -> Result<Option<FormMethod>, CardFormError> {
        Ok(None)
    }
}

pub(crate) struct NoKeys;

#[async_trait]
impl ApiKeyDirectory for NoKeys {
    async fn find(&self, _: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(None)
    }
}

/// Nobody is called in this world.
pub(crate) struct NoReceivers;

#[async_trait]
impl WebhookSender for NoReceivers {
    fn check(&self, _: &str) -> Result<(), String> {
        Err("is nobody's in this world".to_owned())
    }

    fn public_key(&self) -> String {
        String::new()
    }

    async fn send(&self, _: &Webhook) -> Result<(), NotifyError> {
        Err(NotifyError::Refused("nobody is there".to_owned()))
    }
}
