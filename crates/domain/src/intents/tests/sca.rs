//! What is asked of authentication, and what is kept of the answers.

use super::fixtures::{approved, at, att, cap, eur, new, start};
use crate::fraud::FraudAction;
use crate::intents::{
    AttemptStatus, CaptureMode, Instrument, Intent, IntentEvent, IntentStatus, NewIntent, PaymentOptions,
    Refusal, ScaFacts,
};
use crate::kernel::{Currency, MethodId, Money};
use crate::operations::ThreeDsPolicy as Policy;
use crate::ports::{
    Agreement, AgreementKind, Authentication, AuthenticationFlow, AuthenticationStatus, Decline, DeclineCode,
    Exemption, GatewayAnswer, ScaAnswer, ScaRequest, ThreeDs,
};
use uuid::Uuid;

/// A payment of 20.00 EUR by card, with the customer there, of a tenant that asks for nothing.
fn facts(policy: Policy) -> ScaFacts {
    ScaFacts {
        is_card: true,
        amount: eur(2_000),
        policy,
        risk_analysis_max: None,
        fraud: None,
        off_session: false,
        agreement: None,
        options: PaymentOptions::default(),
        demanded: false,
    }
}

fn agreement(kind: AgreementKind, first: i64) -> Option<(Agreement, Money)> {
    Some((Agreement { kind, network_transaction_id: Some("ntid".into()) }, eur(first)))
}

#[track_caller]
fn asks(facts: ScaFacts, forced: bool, exemption: Option<Exemption>) {
    let said = format!("{facts:?}");
    let decision = facts.decide();
    assert_eq!(
        (decision.three_ds == ThreeDs::Force, decision.request.exemption),
        (forced, exemption),
        "{said}"
    );
}

#[test]
fn the_policy_decides_where_nobody_else_asks() {
    asks(facts(Policy::Automatic), false, None);
    asks(facts(Policy::Never), false, None);
    asks(facts(Policy::Always), true, None);
    asks(facts(Policy::RiskBased), false, Some(Exemption::LowValue));
}

#[test]
fn what_fraud_the_client_and_the_issuer_demand_is_forced_under_every_policy() {
    let options = PaymentOptions { request_three_ds: true, ..PaymentOptions::default() };
    for policy in Policy::ALL {
        asks(ScaFacts { fraud: Some(FraudAction::Challenge), ..facts(*policy) }, true, None);
        asks(ScaFacts { options: options.clone(), ..facts(*policy) }, true, None);
        asks(ScaFacts { demanded: true, ..facts(*policy) }, true, None);
    }
}

#[test]
fn low_value_is_thirty_euros_and_no_other_currency() {
    let of = |amount| ScaFacts { amount, ..facts(Policy::RiskBased) };
    asks(of(eur(3_000)), false, Some(Exemption::LowValue));
    asks(of(eur(3_001)), false, None);
    asks(of(Money::new(100, Currency::USD)), false, None);
}

#[test]
fn risk_analysis_stands_in_up_to_the_acquirers_amount_and_only_where_risk_was_analysed() {
    let of = |minor, fraud| ScaFacts {
        amount: eur(minor),
        fraud,
        risk_analysis_max: Some(eur(10_000)),
        ..facts(Policy::RiskBased)
    };
    asks(of(10_000, Some(FraudAction::Allow)), false, Some(Exemption::TransactionRisk));
    asks(of(10_001, Some(FraudAction::Allow)), false, None);
    asks(of(10_000, None), false, None);
    let elsewhere = ScaFacts { policy: Policy::Automatic, ..of(10_000, Some(FraudAction::Allow)) };
    asks(elsewhere, false, None);
}

#[test]
fn a_payment_without_the_customer_says_what_it_is_made_on() {
    let away = |agreement| ScaFacts { off_session: true, agreement, ..facts(Policy::Always) };
    asks(away(agreement(AgreementKind::Recurring, 2_000)), false, Some(Exemption::Recurring));
    asks(away(agreement(AgreementKind::Recurring, 1_999)), false, Some(Exemption::MerchantInitiated));
    asks(away(agreement(AgreementKind::Unscheduled, 2_000)), false, Some(Exemption::MerchantInitiated));
    // Without an agreement it is one that a dialect cannot challenge: `always` then declines it.
    asks(away(None), true, None);
}

#[test]
fn the_first_payment_of_an_agreement_is_authenticated_unless_the_tenant_never_asks() {
    let begins = Some(AgreementKind::Recurring);
    let options = PaymentOptions { begins, ..PaymentOptions::default() };
    for (policy, forced) in [(Policy::Automatic, true), (Policy::RiskBased, true), (Policy::Never, false)] {
        let decision = ScaFacts { options: options.clone(), ..facts(policy) }.decide();
        assert_eq!(
            (decision.three_ds == ThreeDs::Force, decision.request.begins),
            (forced, begins),
            "{policy:?}"
        );
    }
}

#[test]
fn what_is_no_card_is_neither_forced_nor_exempt() {
    for policy in Policy::ALL {
        asks(ScaFacts { is_card: false, ..facts(*policy) }, false, None);
    }
}

fn authenticated(status: AuthenticationStatus) -> Option<Box<ScaAnswer>> {
    let authentication = Authentication {
        version: Some("2.2.0".into()),
        status,
        eci: Some("05".into()),
        liability_shift: true,
        flow: AuthenticationFlow::Frictionless,
        ds_transaction_id: None,
    };
    Some(Box::new(ScaAnswer {
        authentication: Some(authentication),
        exemption_granted: None,
        network_transaction_id: Some("ntid".into()),
        declined: None,
    }))
}

fn approved_with(sca: Option<Box<ScaAnswer>>) -> GatewayAnswer {
    match approved(eur(10_000), true) {
        GatewayAnswer::Approved {
            gateway_reference, amount, captured, response_code, acquirer, avs, ..
        } => {
            GatewayAnswer::Approved { gateway_reference, amount, captured, response_code, acquirer, avs, sca }
        }
        other => other,
    }
}

fn asked(request: ScaRequest) -> Intent {
    let saved = Instrument::Saved(MethodId::from_uuid(Uuid::from_u128(7)));
    let new = NewIntent { customer_id: Some("cust_1".into()), ..new(CaptureMode::Auto) };
    let start = crate::intents::StartAttempt { instrument: saved, ..start(1) };
    let mut intent = Intent::create(new, at(0)).start_attempt(start, at(1)).expect("it is ready");
    intent.attempts[0].sca_request = request;
    intent
}

#[test]
fn the_networks_name_is_kept_where_an_agreement_begins_and_nowhere_else() {
    let begins = Some(AgreementKind::Recurring);
    for (request, kept) in [
        (ScaRequest::default(), None),
        (ScaRequest { begins, ..ScaRequest::default() }, Some("ntid".to_owned())),
    ] {
        let answer = approved_with(authenticated(AuthenticationStatus::Y));
        let step = asked(request).record_answer(att(1), answer, cap(1), at(2)).expect("it is open");
        let known = &step.intent.attempts[0].sca;
        assert_eq!(known.network_transaction_id, kept);
        assert_eq!(known.authentication.as_ref().map(|known| known.status), Some(AuthenticationStatus::Y));
        assert_eq!(step.intent.mandate(), kept.map(|_| att(1).mandate()));
    }
}

#[test]
fn a_mandate_is_good_for_its_customer_and_method_alone() {
    let begins = Some(AgreementKind::Unscheduled);
    let answer = approved_with(authenticated(AuthenticationStatus::Y));
    let first = asked(ScaRequest { begins, ..ScaRequest::default() });
    let first = first.record_answer(att(1), answer, cap(1), at(2)).expect("it is open").intent;
    let (id, method) = (att(1).mandate(), Instrument::Saved(MethodId::from_uuid(Uuid::from_u128(7))));
    let (agreement, amount) = first.agreement(id, Some("cust_1"), &method).expect("it began one");
    assert_eq!(
        (agreement.kind, agreement.network_transaction_id.as_deref()),
        (AgreementKind::Unscheduled, Some("ntid"))
    );
    assert_eq!(amount, eur(10_000));
    let other = Instrument::Saved(MethodId::from_uuid(Uuid::from_u128(8)));
    assert_eq!(first.agreement(id, Some("cust_2"), &method), Err(Refusal::MandateOfAnother(id)));
    assert_eq!(first.agreement(id, None, &method), Err(Refusal::MandateOfAnother(id)));
    assert_eq!(first.agreement(id, Some("cust_1"), &other), Err(Refusal::MandateOfAnother(id)));
    let none = att(2).mandate();
    assert_eq!(first.agreement(none, Some("cust_1"), &method), Err(Refusal::NoSuchMandate(none)));
    let pending = asked(ScaRequest { begins, ..ScaRequest::default() });
    assert_eq!(pending.agreement(id, Some("cust_1"), &method), Err(Refusal::NoSuchMandate(id)));
}

#[test]
fn an_exemption_that_is_answered_with_a_challenge_was_refused() {
    let request = ScaRequest { exemption: Some(Exemption::LowValue), ..ScaRequest::default() };
    let challenge = GatewayAnswer::Challenge { url: "u".into(), challenge_reference: "r".into(), creq: None };
    let step = asked(request).record_answer(att(1), challenge, cap(1), at(2)).expect("it is open");
    assert_eq!(step.intent.attempts[0].sca.exemption_granted, Some(false));
    let (again, _) = step.intent.start_challenge_completion(at(3)).expect("it is challenged");
    let answer = approved_with(authenticated(AuthenticationStatus::Y));
    let known = again.record_answer(att(1), answer, cap(1), at(4)).expect("it is open").intent.attempts[0]
        .sca
        .clone();
    assert_eq!(known.exemption_granted, Some(false), "what was known stays known");
    assert!(known.authentication.is_some());
}

fn soft() -> Decline {
    Decline {
        code: DeclineCode::AuthenticationRequired,
        network_code: Some("1A".into()),
        message: "authenticate".into(),
        sca: None,
    }
}

#[test]
fn a_soft_decline_is_stepped_up_once() {
    let before = asked(ScaRequest { exemption: Some(Exemption::LowValue), ..ScaRequest::default() });
    let step = before.record_soft_decline(att(1), soft(), att(2), at(2)).expect("it is open");
    let [first, second] = &step.intent.attempts[..] else { panic!("{:?}", step.intent.attempts) };
    assert_eq!((first.status, first.sca.exemption_granted), (AttemptStatus::Declined, Some(false)));
    assert_eq!((second.status, second.three_ds, second.number), (AttemptStatus::Started, ThreeDs::Force, 2));
    assert!(second.sca_request.is_empty(), "no exemption is asked for again");
    assert_eq!((step.intent.status, step.intent.version), (IntentStatus::Processing, before.version.next()));
    assert_eq!(step.events, [IntentEvent::AttemptFailed { attempt: att(1) }]);
    let again = step.intent.record_soft_decline(att(2), soft(), att(3), at(3)).expect("it is open").intent;
    assert_eq!((again.status, again.attempts.len()), (IntentStatus::RequiresPaymentMethod, 2));
    assert!(again.authentication_was_demanded());
}

#[test]
fn a_soft_decline_is_a_decline_where_no_other_attempt_may_be() {
    let last = Intent { max_attempts: 1, ..asked(ScaRequest::default()) };
    let mut away = asked(ScaRequest::default());
    away.attempts[0].off_session = true;
    let canceled = Intent { cancellation_reason: Some("no".into()), ..asked(ScaRequest::default()) };
    let expired = Intent { expires_at: Some(at(2)), ..asked(ScaRequest::default()) };
    for (intent, status) in [
        (last, IntentStatus::Failed),
        (away, IntentStatus::RequiresPaymentMethod),
        (canceled, IntentStatus::Canceled),
        (expired, IntentStatus::Failed),
    ] {
        let step = intent.record_soft_decline(att(1), soft(), att(2), at(2)).expect("it is open");
        assert_eq!((step.intent.attempts.len(), step.intent.status), (1, status));
    }
}
