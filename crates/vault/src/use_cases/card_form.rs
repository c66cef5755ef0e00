//! Card forms of the hosted payment page: signed when the page is made, sent once by the customer's browser.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tender_domain::kernel::{
    Caller, Credential, KeyScope, Metadata, MethodId, PaymentLinkId, RequestFingerprint, Scope, ScopeSet,
    StoreError, TenantId,
};
use tender_domain::ports::{CardData, CardForm, CardFormError, CardForms, FormMethod};
use tender_domain::vault::MethodType;
use tender_http::RequestKey;

use super::create_method::{CreateMethodRequest, MethodSource};
use super::keyed::Present;
use crate::{VaultError, VaultService};

/// The route whose idempotency keys the forms are.
const ROUTE: &str = "POST /pay/{token}/card";

/// Why a form is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CardFormRefusal {
    /// It was not made by this vault, or was changed.
    #[error("the form is not one of ours")]
    NotOurs,
    /// Its time is over.
    #[error("the form has expired")]
    Expired,
    /// The card cannot be saved.
    #[error("the card was refused")]
    Card,
    /// The vault or its connectors cannot do it now. Nothing was saved.
    #[error("the vault cannot do it now: {0}")]
    Unavailable(VaultError),
}

#[async_trait]
impl CardForms for VaultService {
    async fn ticket(&self, form: &CardForm) -> Result<String, CardFormError> {
        let text = serde_json::to_vec(form).map_err(|error| CardFormError(error.to_string()))?;
        let signed = URL_SAFE_NO_PAD.encode(self.deps.fingerprint_key.of_card_form(&text));
        Ok(format!("{}.{signed}", URL_SAFE_NO_PAD.encode(text)))
    }

    async fn method(
        &self,
        tenant: &TenantId,
        link: PaymentLinkId,
        nonce: &str,
    ) -> Result<Option<FormMethod>, CardFormError> {
        let unavailable = |error: StoreError| CardFormError(error.to_string());
        let record = self.deps.store.key(tenant, &scope(link, nonce)).await.map_err(unavailable)?;
        let Some(id) = record.and_then(|record| record.resource.parse::<MethodId>().ok()) else {
            return Ok(None);
        };
        let method = self.deps.store.method(tenant, id).await.map_err(unavailable)?;
        // A form makes cards only.
        let card = method.as_ref().and_then(|method| method.details.card());
        Ok(card.map(|card| FormMethod { id, brand: card.brand.clone(), last4: card.last4.clone() }))
    }
}

impl VaultService {
    /// The form behind a ticket.
    ///
    /// # Errors
    /// When the vault did not sign it, or its time is over.
    pub fn open_card_form(&self, ticket: &str) -> Result<CardForm, CardFormRefusal> {
        let (text, signed) = ticket.split_once('.').ok_or(CardFormRefusal::NotOurs)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| CardFormRefusal::NotOurs);
        let (text, signed) = (decode(text)?, decode(signed)?);
        if !self.deps.fingerprint_key.signed_card_form(&text, &signed) {
            return Err(CardFormRefusal::NotOurs);
        }
        let form: CardForm = serde_json::from_slice(&text).map_err(|_| CardFormRefusal::NotOurs)?;
        if form.expires_at <= self.deps.clock.now() {
            return Err(CardFormRefusal::Expired);
        }
        Ok(form)
    }

    /// Makes a method of a form's card, which belongs to nobody: once for each form, also when it is sent again.
    ///
    /// # Errors
    /// When the card is refused, or the vault cannot do it now.
    pub async fn take_card_form(
        &self,
        form: &CardForm,
        card: CardData,
        present: Present,
    ) -> Result<(), CardFormRefusal> {
        let caller = Caller {
            tenant: form.tenant.clone(),
            subject: form.link.to_string().into(),
            credential: Credential::Service("payment link".into()),
            scopes: ScopeSet::from_iter([Scope::MethodsWrite]),
            roles: [].into(),
            actor: None,
            livemode: form.livemode,
        };
        let request = CreateMethodRequest {
            method_type: MethodType::Card,
            source: MethodSource::Card(card),
            customer_id: None,
            merchant_account_id: None,
            metadata: Metadata::default(),
            mandate: None,
            consent: None,
            billing: None,
            is_default: false,
        };
        // One form is one request, whatever card a second sending of it brings.
        let fingerprint = RequestFingerprint([0; 32]);
        let key = RequestKey { scope: scope(form.link, &form.nonce), fingerprint };
        match self.create_method(&caller, request, Some(key), present).await {
            Ok(reply) if reply.answer.status < 400 => Ok(()),
            Ok(_) | Err(VaultError::Card(_) | VaultError::Details { .. } | VaultError::Metadata(_)) => {
                Err(CardFormRefusal::Card)
            }
            Err(error) => Err(CardFormRefusal::Unavailable(error)),
        }
    }
}

fn scope(link: PaymentLinkId, nonce: &str) -> KeyScope {
    KeyScope { route: ROUTE, key: format!("{link}/{nonce}").into() }
}
