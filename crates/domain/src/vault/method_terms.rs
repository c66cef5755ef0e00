//! On which terms a method is kept.

use super::{Consent, MethodRefusal, MethodType};

/// On which terms a method is to be kept: asked before its data is shown to any gateway.
#[derive(Debug, Clone, Copy)]
pub struct MethodTerms<'a> {
    /// Which kind it is.
    pub method_type: MethodType,
    /// The customer it belongs to.
    pub customer_id: Option<&'a str>,
    /// Whether it is to be the customer's default.
    pub is_default: bool,
    /// Whether it is made of card or bank account data.
    pub from_raw_data: bool,
    /// The customer's consent.
    pub consent: Option<&'a Consent>,
    /// Whether it comes with a mandate.
    pub has_mandate: bool,
}

impl MethodTerms<'_> {
    /// Whether a method may be kept so. A mandate is a consent: the customer signed it.
    ///
    /// # Errors
    /// As of [`PaymentMethod::create`](super::PaymentMethod::create).
    pub fn check(&self) -> Result<(), MethodRefusal> {
        if self.is_default && self.customer_id.is_none() {
            return Err(MethodRefusal::NoCustomer);
        }
        match (self.method_type, self.has_mandate) {
            (MethodType::SepaDebit, false) => return Err(MethodRefusal::MandateRequired),
            (MethodType::SepaDebit, true) => return Ok(()),
            (_, true) => return Err(MethodRefusal::MandateNotTaken),
            (_, false) => {}
        }
        if self.from_raw_data && self.customer_id.is_some() && self.consent.is_none() {
            return Err(MethodRefusal::ConsentRequired);
        }
        Ok(())
    }
}
