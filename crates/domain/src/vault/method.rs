//! The payment method: pure transitions.

use crate::kernel::{Metadata, MethodId, TenantId, Timestamp, Version};

use super::{
    BillingDetails, Consent, ExpiryNotice, Mandate, MethodCommandKind, MethodDetails, MethodEvent,
    MethodFingerprint, MethodRefusal, MethodStatus, MethodTerms, SealedTokens, Verification,
    VerificationStatus, VerificationStep,
};

/// A saved payment method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMethod {
    /// Whose customer's.
    pub tenant: TenantId,
    /// Its id.
    pub id: MethodId,
    /// How often it was committed.
    pub version: Version,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Whether it is for live money.
    pub livemode: bool,
    /// The customer it belongs to; none until it is attached.
    pub customer_id: Option<String>,
    /// The merchant account that alone may charge it; none while each of the tenant's may.
    pub merchant_account_id: Option<String>,
    /// Whether it was made of card or bank account data (rather than of a token that a client brought).
    pub from_raw_data: bool,
    /// What may be shown of it.
    pub details: MethodDetails,
    /// On what it is debited; of SEPA direct debits, all of which have one.
    pub mandate: Option<Mandate>,
    /// By what the same card or account is recognised.
    pub fingerprint: MethodFingerprint,
    /// The method of the same card or account that its customer had already when this became the customer's.
    pub duplicate_of: Option<MethodId>,
    /// What the client keeps with it.
    pub metadata: Metadata,
    /// The customer's consent to keep it on file.
    pub consent: Option<Consent>,
    /// Where bills go; erased with the secrets.
    pub billing: Option<BillingDetails>,
    /// Its last verification; none when it never was verified.
    pub verification: Option<Box<Verification>>,
    /// What was told last of its card's expiry.
    pub expiry_told: Option<ExpiryNotice>,
    /// Active with its secrets, or deleted without.
    pub state: MethodState,
}

/// What only an active or only a deleted method has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodState {
    /// Can be used.
    Active {
        /// Whether it is its customer's default.
        is_default: bool,
        /// The connectors' tokens.
        tokens: SealedTokens,
    },
    /// Deleted.
    Deleted {
        /// When.
        at: Timestamp,
    },
}

/// What makes a method.
#[derive(Debug, Clone)]
pub struct CreateMethod {
    /// Whose customer's.
    pub tenant: TenantId,
    /// Its id.
    pub id: MethodId,
    /// Whether it is for live money.
    pub livemode: bool,
    /// The customer it belongs to.
    pub customer_id: Option<String>,
    /// The merchant account that alone may charge it.
    pub merchant_account_id: Option<String>,
    /// Whether it was made of card or bank account data (rather than of a token that a client brought).
    pub from_raw_data: bool,
    /// What may be shown of it.
    pub details: MethodDetails,
    /// On what it is debited.
    pub mandate: Option<Mandate>,
    /// By what the same card or account is recognised.
    pub fingerprint: MethodFingerprint,
    /// The method of the same card or account that the customer has already.
    pub duplicate_of: Option<MethodId>,
    /// The connectors' tokens.
    pub tokens: SealedTokens,
    /// What the client keeps with it.
    pub metadata: Metadata,
    /// The customer's consent.
    pub consent: Option<Consent>,
    /// Where bills go.
    pub billing: Option<BillingDetails>,
    /// Whether it is to be the customer's default.
    pub is_default: bool,
}

/// What of a method is to change; an unset field stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateMethod {
    /// The metadata as it is to be.
    pub metadata: Option<Metadata>,
    /// The billing details as they are to be.
    pub billing: Option<BillingDetails>,
    /// Whether it is to be the customer's default.
    pub is_default: Option<bool>,
    /// A consent that the customer gave since.
    pub consent: Option<Consent>,
}

/// What can be asked of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodCommand {
    /// Change what the client keeps with it.
    Update(Box<UpdateMethod>),
    /// Give it to a customer, to a merchant account, or to both. A method never changes hands.
    Attach {
        /// To which customer, if to one.
        customer_id: Option<String>,
        /// To which merchant account, if to one.
        merchant_account_id: Option<String>,
        /// The customer's consent, where it is given only now.
        consent: Option<Consent>,
        /// Whether nobody but the customer's browser asks for it: then there must be a consent, also for what was made of a
        /// client's token. A shop's server that brings a token answers for that itself.
        by_browser: bool,
        /// The method of the same card or account that the customer has already.
        duplicate_of: Option<MethodId>,
    },
    /// Make it its customer's default.
    BecomeDefault,
    /// Be the default no longer.
    StepDown,
    /// Go a step on with its verification.
    Verify(VerificationStep),
    /// Tell that its card expires, or has expired: whatever is due.
    TellExpiry,
    /// Delete it and its secrets.
    Delete,
}

impl MethodCommand {
    /// The command without its particulars.
    #[must_use]
    pub const fn kind(&self) -> MethodCommandKind {
        match self {
            Self::Update(_) => MethodCommandKind::Update,
            Self::Attach { .. } => MethodCommandKind::Attach,
            Self::BecomeDefault => MethodCommandKind::BecomeDefault,
            Self::StepDown => MethodCommandKind::StepDown,
            Self::Verify(_) => MethodCommandKind::Verify,
            Self::TellExpiry => MethodCommandKind::TellExpiry,
            Self::Delete => MethodCommandKind::Delete,
        }
    }
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Applied {
    /// The method as it is to be, one version on, and what happened.
    Changed(Box<PaymentMethod>, MethodEvent),
    /// It already was as the command wants it; nothing is to be committed.
    AlreadyApplied,
}

impl PaymentMethod {
    /// A new method.
    ///
    /// # Errors
    /// `NoCustomer` when nobody's method is to be a default; `ConsentRequired` when card or bank account data of a
    /// customer comes without consent; `MandateRequired` when a SEPA direct debit comes without a mandate,
    /// `MandateNotTaken` when another method comes with one.
    pub fn create(new: CreateMethod, now: Timestamp) -> Result<(Self, MethodEvent), MethodRefusal> {
        let terms = MethodTerms {
            method_type: new.details.method_type(),
            customer_id: new.customer_id.as_deref(),
            is_default: new.is_default,
            from_raw_data: new.from_raw_data,
            consent: new.consent.as_ref(),
            has_mandate: new.mandate.is_some(),
        };
        terms.check()?;
        let method = Self {
            tenant: new.tenant,
            id: new.id,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
            livemode: new.livemode,
            customer_id: new.customer_id,
            merchant_account_id: new.merchant_account_id,
            from_raw_data: new.from_raw_data,
            details: new.details,
            mandate: new.mandate,
            fingerprint: new.fingerprint,
            duplicate_of: new.duplicate_of,
            metadata: new.metadata,
            consent: new.consent,
            billing: new.billing,
            verification: None,
            expiry_told: None,
            state: MethodState::Active { is_default: new.is_default, tokens: new.tokens },
        };
        Ok((method, MethodEvent::Created))
    }

    /// Where it stands.
    #[must_use]
    pub const fn status(&self) -> MethodStatus {
        match self.state {
            MethodState::Active { .. } => MethodStatus::Active,
            MethodState::Deleted { .. } => MethodStatus::Deleted,
        }
    }

    /// Whether it is active and its card's last month is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        let over = self.details.card().is_some_and(|card| card.has_expired(now));
        over && self.status() == MethodStatus::Active
    }

    /// Whether it is its customer's default.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        matches!(self.state, MethodState::Active { is_default: true, .. })
    }

    /// The sealed tokens, while it is active.
    #[must_use]
    pub const fn tokens(&self) -> Option<&SealedTokens> {
        match &self.state {
            MethodState::Active { tokens, .. } => Some(tokens),
            MethodState::Deleted { .. } => None,
        }
    }

    /// When it was deleted.
    #[must_use]
    pub const fn deleted_at(&self) -> Option<Timestamp> {
        match self.state {
            MethodState::Active { .. } => None,
            MethodState::Deleted { at } => Some(at),
        }
    }

    /// Does what the command wants.
    ///
    /// # Errors
    /// See [`MethodRefusal`].
    pub fn apply(&self, command: &MethodCommand, now: Timestamp) -> Result<Applied, MethodRefusal> {
        if self.status().after(command.kind()).is_none() {
            return Err(MethodRefusal::Deleted);
        }
        let mut next = self.clone();
        let event = match command {
            MethodCommand::Update(update) => {
                next.update(update)?;
                MethodEvent::Updated
            }
            MethodCommand::Attach { customer_id, merchant_account_id, consent, by_browser, duplicate_of } => {
                let needs_consent = *by_browser || next.from_raw_data;
                if let Some(merchant) = merchant_account_id {
                    next.attach_to_merchant(merchant)?;
                }
                match (customer_id, consent) {
                    (Some(to), _) => next.attach(to, (consent.as_ref(), needs_consent), *duplicate_of)?,
                    (None, Some(_)) => next.consent.clone_from(consent),
                    (None, None) => {}
                }
                MethodEvent::Attached
            }
            MethodCommand::BecomeDefault => {
                next.set_default(true)?;
                MethodEvent::Updated
            }
            MethodCommand::StepDown => {
                next.set_default(false)?;
                MethodEvent::Updated
            }
            MethodCommand::Verify(step) => {
                next.verify(step, now)?;
                MethodEvent::VerificationChanged
            }
            MethodCommand::TellExpiry => match self.expiry_to_tell(now) {
                Some(due) => next.tell_expiry(due),
                None => return Ok(Applied::AlreadyApplied),
            },
            MethodCommand::Delete => {
                next.billing = None;
                next.verification.take_if(|last| last.status == VerificationStatus::Pending);
                next.state = MethodState::Deleted { at: now };
                MethodEvent::Deleted
            }
        };
        if next == *self {
            return Ok(Applied::AlreadyApplied);
        }
        next.version = self.version.next();
        next.updated_at = now;
        Ok(Applied::Changed(Box::new(next), event))
    }

    /// The same method with its tokens sealed anew; none when it was deleted. It keeps its version, for nothing of it
    /// changed that anybody outside sees. A change that was decided before and is committed after this writes the older
    /// ciphertext again, which holds the same tokens: the rotation looks again before it destroys a key.
    #[must_use]
    pub fn resealed(&self, tokens: SealedTokens) -> Option<Self> {
        let MethodState::Active { is_default, .. } = self.state else { return None };
        Some(Self { state: MethodState::Active { is_default, tokens }, ..self.clone() })
    }

    fn update(&mut self, update: &UpdateMethod) -> Result<(), MethodRefusal> {
        if let Some(metadata) = &update.metadata {
            self.metadata = metadata.clone();
        }
        if let Some(billing) = &update.billing {
            self.billing = Some(billing.clone());
        }
        if let Some(consent) = &update.consent {
            self.consent = Some(consent.clone());
        }
        update.is_default.map_or(Ok(()), |is_default| self.set_default(is_default))
    }

    fn attach(
        &mut self,
        to: &str,
        (consent, needs_consent): (Option<&Consent>, bool),
        duplicate_of: Option<MethodId>,
    ) -> Result<(), MethodRefusal> {
        match &self.customer_id {
            Some(owner) if owner != to => return Err(MethodRefusal::AttachedToAnother),
            Some(_) => {}
            None => {
                let is_agreed = consent.or(self.consent.as_ref()).is_some() || self.mandate.is_some();
                if needs_consent && !is_agreed {
                    return Err(MethodRefusal::ConsentRequired);
                }
                self.customer_id = Some(to.to_owned());
                self.duplicate_of = duplicate_of;
            }
        }
        if let Some(consent) = consent {
            self.consent = Some(consent.clone());
        }
        Ok(())
    }

    fn attach_to_merchant(&mut self, to: &str) -> Result<(), MethodRefusal> {
        match &self.merchant_account_id {
            Some(owner) if owner != to => Err(MethodRefusal::AttachedToAnotherMerchant),
            _ => {
                self.merchant_account_id = Some(to.to_owned());
                Ok(())
            }
        }
    }

    fn set_default(&mut self, wanted: bool) -> Result<(), MethodRefusal> {
        if wanted && self.customer_id.is_none() {
            return Err(MethodRefusal::NoCustomer);
        }
        if let MethodState::Active { is_default, .. } = &mut self.state {
            *is_default = wanted;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "method_tests.rs"]
mod tests;
