//! What a try asks of authentication: by the tenant's policy, fraud's word, the client's wish and the law.

use tender_domain::fraud::FraudAction;
use tender_domain::intents::{Channel, Instrument, Intent, Refusal, ScaDecision, ScaFacts};
use tender_domain::kernel::Money;
use tender_domain::operations::ThreeDsPolicy;
use tender_domain::ports::{Agreement, SessionRequest};

use super::IntentsError;
use crate::IntentsService;

/// The agreement that a payment without the customer is made on, with the amount of its first payment.
pub(super) type MadeOn = Option<(Agreement, Money)>;

impl IntentsService {
    /// The agreement of a payment without the customer; of one with the customer none, and nothing is read.
    ///
    /// A dialect says that its customer is away because it can express no challenge: it needs no mandate.
    pub(super) async fn made_on(
        &self,
        intent: &Intent,
        instrument: &Instrument,
        off_session: bool,
    ) -> Result<Result<MadeOn, Refusal>, IntentsError> {
        if !off_session {
            return Ok(sets_up(intent, instrument).map(|()| None));
        }
        let Some(id) = intent.options.mandate else {
            let needs_one = intent.channel == Channel::Core;
            return Ok(if needs_one { Err(Refusal::MandateRequired) } else { Ok(None) });
        };
        let first = self.store.intent_of_attempt(&intent.tenant, id.attempt()).await?;
        let Some(first) = first else { return Ok(Err(Refusal::NoSuchMandate(id))) };
        Ok(first.agreement(id, intent.customer_id.as_deref(), instrument).map(Some))
    }

    /// What a try asks for.
    pub(super) fn decide_sca(
        &self,
        intent: &Intent,
        (instrument, method_type): (&Instrument, &str),
        off_session: bool,
        agreement: MadeOn,
        fraud: Option<FraudAction>,
    ) -> ScaDecision {
        let is_card = match instrument {
            Instrument::Saved(_) => method_type == "card",
            Instrument::TestToken(_) => true,
            Instrument::Alternative(_) => false,
        };
        ScaFacts { is_card, off_session, agreement, ..self.sca_facts(intent, fraud) }.decide()
    }

    /// What a session asks for: as a card does on a gateway's page for cards. It begins no agreement, for nothing is kept
    /// that could be charged later, and it has its own way back.
    pub(super) fn decide_sca_of_session(
        &self,
        intent: &Intent,
        method: &str,
        fraud: Option<FraudAction>,
    ) -> ScaDecision {
        let mut facts = self.sca_facts(intent, fraud);
        facts.is_card = method == SessionRequest::CARD;
        facts.options.begins = None;
        facts.options.return_url = None;
        facts.decide()
    }

    /// What is known of an intent, of a payment with its customer and by no card.
    fn sca_facts(&self, intent: &Intent, fraud: Option<FraudAction>) -> ScaFacts {
        let rules = self.rules.of(&intent.tenant);
        ScaFacts {
            is_card: false,
            amount: intent.amount,
            policy: rules.as_ref().map_or(ThreeDsPolicy::default(), |rules| rules.three_ds_policy),
            risk_analysis_max: rules.and_then(|rules| rules.risk_analysis_max),
            fraud,
            off_session: false,
            agreement: None,
            options: intent.options.clone(),
            demanded: intent.authentication_was_demanded(),
        }
    }
}

/// An agreement is a customer's, for a method that is still there later.
fn sets_up(intent: &Intent, instrument: &Instrument) -> Result<(), Refusal> {
    let can_be = intent.customer_id.is_some() && matches!(instrument, Instrument::Saved(_));
    if intent.options.begins.is_some() && !can_be { Err(Refusal::NothingToSetUp) } else { Ok(()) }
}
