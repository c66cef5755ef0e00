//! What a tenant's settings ask of its intents.

use std::collections::BTreeMap;

use crate::kernel::{Currency, Money, TenantId, Timestamp, Version};

use crate::operations::ThreeDsPolicy;
use crate::vault::MethodType;

use super::{CaptureMode, Refusal};

/// The settings of a tenant that intents obeys: a projection of `settings.changed`. A tenant without one has the
/// defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRules {
    /// Whose.
    pub tenant: TenantId,
    /// The version of the settings.
    pub version: Version,
    /// The types of saved methods that can be paid with.
    pub allowed_methods: Vec<String>,
    /// How an intent that says nothing is captured.
    pub default_capture_mode: CaptureMode,
    /// The largest authorization by currency; a currency that is not here has no limit.
    pub max_authorization: BTreeMap<Currency, Money>,
    /// How often an intent can be tried.
    pub max_attempts: u32,
    /// When a customer is asked to authenticate.
    pub three_ds_policy: ThreeDsPolicy,
    /// Up to which amount risk analysis may stand in for authentication; none when it may not.
    pub risk_analysis_max: Option<Money>,
    /// When we heard of it.
    pub recorded_at: Timestamp,
}

impl TenantRules {
    /// Whether so much may be asked for.
    ///
    /// # Errors
    /// [`Refusal::ExceedsLimit`].
    pub fn permit_amount(&self, amount: Money) -> Result<(), Refusal> {
        match self.max_authorization.get(&amount.currency()) {
            Some(limit) if amount.minor() > limit.minor() => {
                Err(Refusal::ExceedsLimit { asked: amount, limit: *limit })
            }
            _ => Ok(()),
        }
    }

    /// Whether a saved method of this type may be paid with.
    ///
    /// # Errors
    /// [`Refusal::MethodTypeNotAllowed`].
    pub fn permit_method(&self, method_type: &str) -> Result<(), Refusal> {
        if self.allowed_methods.iter().any(|allowed| allowed == method_type) {
            return Ok(());
        }
        Err(Refusal::MethodTypeNotAllowed(method_type.to_owned()))
    }
}

/// Whether a saved method of this type can be charged in the currency at all: SEPA moves euros only.
///
/// # Errors
/// [`Refusal::CurrencyNotTaken`].
pub fn permit_currency(method_type: &str, asked: Currency) -> Result<(), Refusal> {
    let sepa = MethodType::SepaDebit.as_str();
    if method_type == sepa && asked != Currency::EUR {
        return Err(Refusal::CurrencyNotTaken { method_type: sepa, charged: Currency::EUR, asked });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_sepa_debit_is_charged_in_euros_only() {
        assert_eq!(permit_currency("sepa_debit", Currency::EUR), Ok(()));
        assert_eq!(permit_currency("card", Currency::GBP), Ok(()));
        let refused = permit_currency("sepa_debit", Currency::GBP);
        assert!(matches!(refused, Err(Refusal::CurrencyNotTaken { .. })), "{refused:?}");
    }

    #[test]
    fn a_limit_counts_for_its_currency_and_a_type_for_the_list() {
        let eur = |minor| Money::new(minor, Currency::EUR);
        let rules = TenantRules {
            tenant: TenantId::sandbox(),
            version: Version::FIRST,
            allowed_methods: vec!["card".into()],
            default_capture_mode: CaptureMode::Auto,
            max_authorization: BTreeMap::from([(Currency::EUR, eur(1_000))]),
            max_attempts: 5,
            three_ds_policy: ThreeDsPolicy::default(),
            risk_analysis_max: None,
            recorded_at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(rules.permit_amount(eur(1_000)), Ok(()));
        let refused = Refusal::ExceedsLimit { asked: eur(1_001), limit: eur(1_000) };
        assert_eq!(rules.permit_amount(eur(1_001)), Err(refused));
        assert_eq!(rules.permit_amount(Money::new(9_999, Currency::USD)), Ok(()));
        assert_eq!(rules.permit_method("card"), Ok(()));
        assert_eq!(rules.permit_method("paypal"), Err(Refusal::MethodTypeNotAllowed("paypal".into())));
    }
}
