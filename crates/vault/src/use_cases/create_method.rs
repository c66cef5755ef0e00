//! Save a payment method.

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{
    Caller, CardNumberDetected, CommitError, InvalidMetadata, Metadata, MethodId, Save, TenantId, Timestamp,
    to_micros,
};
use tender_domain::ports::CardData;
use tender_domain::vault::{
    BankData, BillingDetails, Consent, CreateMethod, InvalidMandate, Mandate, MandateSequence, MethodEvent,
    MethodFingerprint, MethodTerms, MethodType, PaymentMethod, SEALED_BY_RETIRED_KEY,
    check_mandate_reference, check_reference, check_text, own_mandate_reference,
};
use tender_http::RequestKey;

use super::commit::decide;
use super::tokenise::{Tokenised, Wanted, is_bare_card_number};
use super::{Present, Reply};
use crate::{VaultError, VaultService};

/// How much the clocks of a client and ours may differ.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// How often a method is sealed when keys are rotated meanwhile.
const SEALINGS_MAX: usize = 3;

/// Where a method comes from. Prints no secret.
#[derive(Debug)]
pub enum MethodSource {
    /// A token that the client got of a gateway.
    Token(SecretString),
    /// Card data, its number bare digits.
    Card(CardData),
    /// Data of a bank account.
    BankAccount(BankData),
}

/// The customer's word that the method may be kept on file.
#[derive(Debug, Clone)]
pub struct ConsentGiven {
    /// Which version of the text the customer agreed to.
    pub text_version: String,
    /// When; now, if not told.
    pub at: Option<Timestamp>,
}

/// The mandate that a customer signed.
#[derive(Debug, Clone)]
pub struct MandateGiven {
    /// How the creditor names it; of our making, if not told.
    pub reference: Option<String>,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Where the next debit stands among its debits.
    pub sequence: MandateSequence,
}

/// What a client asks to be saved.
#[derive(Debug)]
pub struct CreateMethodRequest {
    /// Which kind.
    pub method_type: MethodType,
    /// Where it comes from.
    pub source: MethodSource,
    /// Whose it is.
    pub customer_id: Option<String>,
    /// The merchant account that alone is to charge it.
    pub merchant_account_id: Option<String>,
    /// What the client keeps with it.
    pub metadata: Metadata,
    /// On what it is debited; of SEPA direct debits.
    pub mandate: Option<MandateGiven>,
    /// The customer's consent.
    pub consent: Option<ConsentGiven>,
    /// Where bills go.
    pub billing: Option<BillingDetails>,
    /// Whether it is to be the customer's default.
    pub is_default: bool,
}

/// A request that was checked, with what the connectors made of it.
struct NewMethod {
    customer_id: Option<String>,
    from_raw_data: bool,
    consent: Option<Consent>,
    tokenised: Tokenised,
    request: CreateMethodRequest,
}

impl VaultService {
    /// Tokenises a card or bank account at the connectors, or finds out what a client's token stands for, and saves the
    /// method with the tokens sealed. The data is dropped when this returns, whatever comes of it.
    ///
    /// # Errors
    /// See [`VaultError`]. Nothing is saved then.
    pub async fn create_method(
        &self,
        caller: &Caller,
        request: CreateMethodRequest,
        key: Option<RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let (tenant, key) = (&caller.tenant, key.as_ref());
        if let Some(reply) = self.replayed(tenant, key).await? {
            return Ok(reply);
        }
        let result = self.create(caller, request, key, present).await;
        if let Err(VaultError::MandateReferenceTaken) = result {
            // By this very request, when it is sent twice at once.
            if let Some(reply) = self.replayed(tenant, key).await? {
                return Ok(reply);
            }
        }
        self.settled(tenant, key, result).await
    }

    async fn create(
        &self,
        caller: &Caller,
        request: CreateMethodRequest,
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let now = to_micros(self.deps.clock.now());
        let customer_id = owner(caller, request.customer_id.clone())?;
        let consent = consent(request.consent.as_ref(), now)?;
        check(&request, customer_id.as_deref())?;
        let from_raw_data = !matches!(request.source, MethodSource::Token(_));
        let terms = MethodTerms {
            method_type: request.method_type,
            customer_id: customer_id.as_deref(),
            is_default: request.is_default,
            from_raw_data,
            consent: consent.as_ref(),
            has_mandate: request.mandate.is_some(),
        };
        terms.check()?;
        request.mandate.as_ref().map_or(Ok(()), |mandate| check_mandate(mandate, now))?;
        let wanted = Wanted {
            tenant: &caller.tenant,
            livemode: caller.livemode,
            method_type: request.method_type,
            source: &request.source,
        };
        let tokenised = self.tokenised(&wanted).await?;
        let new = NewMethod { customer_id, from_raw_data, consent, tokenised, request };
        for _ in 0..SEALINGS_MAX {
            let method = PaymentMethod::create(self.sealed(caller, &new).await?, now)?;
            match self.save_new(caller, method, key, present).await {
                Err(VaultError::Commit(CommitError::Refused { constraint }))
                    if constraint == SEALED_BY_RETIRED_KEY =>
                {
                    self.keys.forget_current(&caller.tenant).await;
                }
                settled => return settled,
            }
        }
        Err(CommitError::Conflict.into())
    }

    async fn save_new(
        &self,
        caller: &Caller,
        (method, event): (PaymentMethod, MethodEvent),
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let now = to_micros(self.deps.clock.now());
        decide(|| async {
            // Looked up here: of two that are saved at once, who comes second repeats the first.
            let method = Arc::new(self.naming_repeated(&method).await?);
            let reply = Reply::of(&method, present, now);
            let mut changes: Vec<_> = self.displaced(&method, now).await?.into_iter().collect();
            changes.push((Save::new(Arc::clone(&method)), event));
            let record = self.record(key, method.id.to_string(), &reply.answer);
            let told = self.consent_of(caller, None, &method);
            let _ = self.commit_telling(&method.tenant, changes, record, told).await?;
            Ok(reply)
        })
        .await
    }

    async fn sealed(&self, caller: &Caller, new: &NewMethod) -> Result<CreateMethod, VaultError> {
        let NewMethod { customer_id, from_raw_data, consent, tokenised, request } = new;
        let (tenant, id) = (&caller.tenant, self.deps.ids.next());
        let tokens = self.keys.seal(tenant, id, &tokenised.tokens).await?;
        Ok(CreateMethod {
            tenant: tenant.clone(),
            id,
            livemode: caller.livemode,
            customer_id: customer_id.clone(),
            merchant_account_id: request.merchant_account_id.clone(),
            from_raw_data: *from_raw_data,
            details: tokenised.details.clone(),
            mandate: request.mandate.as_ref().map(|given| mandate(given, id)),
            fingerprint: tokenised.fingerprint,
            duplicate_of: None,
            tokens,
            metadata: request.metadata.clone(),
            consent: consent.clone(),
            billing: request.billing.clone(),
            is_default: request.is_default,
        })
    }

    /// The same new method, naming the one of its customer's that it repeats.
    async fn naming_repeated(&self, method: &PaymentMethod) -> Result<PaymentMethod, VaultError> {
        let duplicate_of = match method.customer_id.as_deref() {
            Some(customer) => self.repeated(&method.tenant, customer, method.fingerprint).await?,
            None => None,
        };
        Ok(PaymentMethod { duplicate_of, ..method.clone() })
    }

    /// The customer's method that another of this fingerprint repeats.
    pub(super) async fn repeated(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        fingerprint: MethodFingerprint,
    ) -> Result<Option<MethodId>, VaultError> {
        let found = self.deps.store.method_of_instrument(tenant, customer_id, fingerprint).await?;
        Ok(found.map(|method| method.id))
    }
}

fn mandate(given: &MandateGiven, method: MethodId) -> Mandate {
    Mandate {
        reference: given.reference.clone().unwrap_or_else(|| own_mandate_reference(method)),
        signed_at: to_micros(given.signed_at),
        sequence: given.sequence,
    }
}

fn check_mandate(given: &MandateGiven, now: Timestamp) -> Result<(), VaultError> {
    given.reference.as_deref().map_or(Ok(()), check_mandate_reference)?;
    if given.signed_at > now + CLOCK_SKEW {
        return Err(InvalidMandate::SignedInFuture.into());
    }
    Ok(())
}

/// A customer's methods are its own; everybody else says whose.
fn owner(caller: &Caller, named: Option<String>) -> Result<Option<String>, VaultError> {
    match (caller.only_customer(), named) {
        (Some(own), Some(named)) if named != own => Err(VaultError::NotFound("customer")),
        (Some(own), _) => Ok(Some(own.to_owned())),
        (None, named) => Ok(named),
    }
}

pub(super) fn consent(given: Option<&ConsentGiven>, now: Timestamp) -> Result<Option<Consent>, VaultError> {
    let Some(given) = given else { return Ok(None) };
    check_reference("/text_version", &given.text_version)
        .map_err(|problem| VaultError::Details { place: "/consent", problem })?;
    let at = given.at.unwrap_or(now);
    if at > now + CLOCK_SKEW {
        return Err(VaultError::ConsentInFuture);
    }
    Ok(Some(Consent { text_version: given.text_version.clone(), at: to_micros(at) }))
}

fn check(request: &CreateMethodRequest, customer_id: Option<&str>) -> Result<(), VaultError> {
    let at = |place| move |problem| VaultError::Details { place, problem };
    customer_id.map_or(Ok(()), |id| check_reference("/customer_id", id)).map_err(at(""))?;
    let merchant = request.merchant_account_id.as_deref();
    merchant.map_or(Ok(()), |id| check_reference("/merchant_account_id", id)).map_err(at(""))?;
    request.billing.as_ref().map_or(Ok(()), BillingDetails::check).map_err(at("/billing_details"))?;
    match &request.source {
        MethodSource::Token(token) if is_bare_card_number(token.expose_secret()) => {
            Err(InvalidMetadata::CardNumber(CardNumberDetected).into())
        }
        MethodSource::Token(token) => check_token(token),
        MethodSource::BankAccount(account) => {
            check_text("/holder_name", &account.holder_name).map_err(at("/bank_account"))
        }
        MethodSource::Card(card) => {
            let name = card.holder_name.as_deref();
            name.map_or(Ok(()), |name| check_text("/holder_name", name)).map_err(at("/card"))
        }
    }
}

/// The most a gateway's token may be long; the longest in use are below 1,000.
const TOKEN_CHARS_MAX: usize = 2000;

fn check_token(token: &SecretString) -> Result<(), VaultError> {
    let length = token.expose_secret().chars().count();
    let plausible = (1..=TOKEN_CHARS_MAX).contains(&length) && token.expose_secret().is_ascii();
    if plausible { Ok(()) } else { Err(VaultError::TokenUnknown) }
}
