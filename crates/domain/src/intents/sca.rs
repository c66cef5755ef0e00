//! Strong customer authentication: whether a payment asks for it, which exemption it asks for, and on which agreement
//! it is made. `docs/strong-authentication.md` has the table.

use serde::{Deserialize, Serialize};

use crate::fraud::FraudAction;
use crate::kernel::{Currency, MandateId, Money};
use crate::operations::ThreeDsPolicy;
use crate::ports::{
    Agreement, AgreementKind, DeclineCode, Exemption, GatewayAnswer, Payer, ScaAnswer, ScaRequest, ThreeDs,
};

use super::{Attempt, AttemptStatus, Instrument, Intent, Refusal};

/// The most that is low value, in EUR: article 16 of the RTS. Amounts in other currencies are never asked for as low
/// value, for the law names no rate. How often a card was let through is counted by its issuer, who asks for a challenge
/// after 100 EUR or five payments: that is the issuer's answer, and not known here before.
pub const LOW_VALUE_MAX: Money = Money::new(3_000, Currency::EUR);

/// What a client asks of an intent beside amount and method.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaymentOptions {
    /// The customer must authenticate, also where nobody else asks for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub request_three_ds: bool,
    /// The client can show a challenge within its own page.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub embeds_challenge: bool,
    /// The method is to be charged later without the customer: this payment begins that agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begins: Option<AgreementKind>,
    /// The mandate that a payment without the customer is made on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandate: Option<MandateId>,
    /// Where the customer's browser comes back to after a challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// Who pays.
    #[serde(skip_serializing_if = "Payer::is_empty")]
    pub payer: Payer,
}

impl PaymentOptions {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What an attempt asks for, beside the money.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScaDecision {
    /// Whether the customer must authenticate.
    pub three_ds: ThreeDs,
    /// Exemption and agreement.
    pub request: ScaRequest,
}

/// What the decision looks at.
#[derive(Debug, Clone)]
pub struct ScaFacts {
    /// Whether a card is charged: nothing else is authenticated by 3-D Secure.
    pub is_card: bool,
    /// How much.
    pub amount: Money,
    /// The tenant's policy.
    pub policy: ThreeDsPolicy,
    /// Up to which amount the tenant's acquirer may analyse risk instead, in EUR; none when it may not.
    pub risk_analysis_max: Option<Money>,
    /// What fraud decided; none when nobody looked.
    pub fraud: Option<FraudAction>,
    /// Whether the customer is away.
    pub off_session: bool,
    /// The agreement that it is made on, with the amount of its first payment; of one without the customer only.
    pub agreement: Option<(Agreement, Money)>,
    /// What the client asks for.
    pub options: PaymentOptions,
    /// Whether the issuer demanded authentication of the attempt before.
    pub demanded: bool,
}

impl ScaFacts {
    /// What the attempt asks for: the first row that fits.
    #[must_use]
    pub fn decide(self) -> ScaDecision {
        let begins = self.options.begins.filter(|_| self.is_card && !self.off_session);
        let three_ds = if self.forces(begins) { ThreeDs::Force } else { ThreeDs::Automatic };
        let exemption = self.exemption().filter(|_| three_ds == ThreeDs::Automatic);
        let agreement = self.agreement.map(|(agreement, _)| agreement);
        let is_met = self.is_card && !self.off_session;
        let return_url = self.options.return_url.filter(|_| is_met);
        let embeds = self.options.embeds_challenge && is_met;
        ScaDecision { three_ds, request: ScaRequest { exemption, begins, agreement, return_url, embeds } }
    }

    fn forces(&self, begins: Option<AgreementKind>) -> bool {
        if self.fraud == Some(FraudAction::Challenge) {
            return true;
        }
        if !self.is_card || self.agreement.is_some() {
            return false;
        }
        let begun_so = begins.is_some() && self.policy != ThreeDsPolicy::Never;
        let asked = self.options.request_three_ds || self.policy == ThreeDsPolicy::Always;
        asked || begun_so || (self.demanded && !self.off_session)
    }

    fn exemption(&self) -> Option<Exemption> {
        if let Some((agreement, first)) = &self.agreement {
            let same = agreement.kind == AgreementKind::Recurring && *first == self.amount;
            return Some(if same { Exemption::Recurring } else { Exemption::MerchantInitiated });
        }
        if !self.is_card || self.off_session || self.policy != ThreeDsPolicy::RiskBased {
            return None;
        }
        let within =
            |max: Money| max.currency() == self.amount.currency() && self.amount.minor() <= max.minor();
        if within(LOW_VALUE_MAX) {
            return Some(Exemption::LowValue);
        }
        // Analysed it must have been: a tenant without rules and scorer has no risk analysis.
        let analysed = self.fraud == Some(FraudAction::Allow);
        (analysed && self.risk_analysis_max.is_some_and(within)).then_some(Exemption::TransactionRisk)
    }
}

impl Intent {
    /// Whether the issuer demanded authentication of the last attempt.
    #[must_use]
    pub fn authentication_was_demanded(&self) -> bool {
        let code =
            self.attempts.last().and_then(|attempt| attempt.decline.as_ref()).map(|decline| decline.code);
        code == Some(DeclineCode::AuthenticationRequired)
    }

    /// The mandate that this payment began; none when it began none.
    #[must_use]
    pub fn mandate(&self) -> Option<MandateId> {
        self.approved_attempt()
            .filter(|attempt| attempt.agreement().is_some())
            .map(|attempt| attempt.id.mandate())
    }

    /// The agreement of this payment's mandate, for a payment of the same customer with the same method; with the amount
    /// of this one.
    ///
    /// # Errors
    /// When it began no such mandate, or one of another customer or method.
    pub fn agreement(
        &self,
        id: MandateId,
        customer: Option<&str>,
        instrument: &Instrument,
    ) -> Result<(Agreement, Money), Refusal> {
        let attempt = self.attempt(id.attempt()).filter(|attempt| attempt.status == AttemptStatus::Approved);
        let agreement = attempt.and_then(|attempt| Some((attempt, attempt.agreement()?)));
        let (attempt, agreement) = agreement.ok_or(Refusal::NoSuchMandate(id))?;
        if self.customer_id.as_deref() != customer || attempt.instrument != *instrument {
            return Err(Refusal::MandateOfAnother(id));
        }
        Ok((agreement, attempt.amount))
    }
}

impl Attempt {
    /// The agreement that it began, under the network's name of it where that is known.
    fn agreement(&self) -> Option<Agreement> {
        let kind = self.sca_request.begins?;
        Some(Agreement { kind, network_transaction_id: self.sca.network_transaction_id.clone() })
    }

    /// Keeps what an answer tells of authentication and exemption.
    pub(super) fn learn(&mut self, answer: &mut GatewayAnswer) {
        let asked = self.sca_request.exemption.is_some();
        let refused = |told: Option<Box<ScaAnswer>>| {
            let mut told = told.unwrap_or_default();
            told.exemption_granted.get_or_insert(false);
            Some(told)
        };
        let told = match answer {
            GatewayAnswer::Approved { sca, .. } => sca.take(),
            GatewayAnswer::Declined(decline) => match decline.sca.take() {
                told if asked && decline.code == DeclineCode::AuthenticationRequired => refused(told),
                told => told,
            },
            // The page of a session is shown whatever becomes of the exemption.
            GatewayAnswer::Challenge { .. } if asked && self.session.is_none() => refused(None),
            GatewayAnswer::Challenge { .. } => None,
        };
        let Some(told) = told else { return };
        let mut known = std::mem::take(&mut self.sca).then(*told);
        if self.sca_request.begins.is_none() {
            // A card's network name is kept where it is needed again, and nowhere else.
            known.network_transaction_id = None;
        }
        self.sca = known;
    }
}
