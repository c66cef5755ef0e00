//! The machine, pair by pair.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::kernel::{Guard, Save};
use crate::vault::{BankAccount, Card, MandateSequence, SealingKey, VerificationKind, method_guards};

fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000 + second, 0).expect("in range")
}

fn card() -> Card {
    Card { brand: "VISA".into(), last4: "4242".into(), exp_month: 12, exp_year: 2030, bin: None }
}

fn new_method(customer: Option<&str>, is_default: bool) -> CreateMethod {
    CreateMethod {
        tenant: TenantId::sandbox(),
        id: MethodId::from_uuid(Uuid::from_u128(7)),
        livemode: false,
        customer_id: customer.map(str::to_owned),
        merchant_account_id: None,
        from_raw_data: false,
        details: MethodDetails::Card(card()),
        mandate: None,
        duplicate_of: None,
        fingerprint: MethodFingerprint([1; 32]),
        tokens: SealedTokens { key: SealingKey::Installation(1), bytes: vec![1, 2, 3] },
        metadata: Metadata::default(),
        consent: None,
        billing: Some(BillingDetails { name: Some("A. Buyer".into()), ..Default::default() }),
        is_default,
    }
}

fn method(customer: Option<&str>, is_default: bool) -> PaymentMethod {
    PaymentMethod::create(new_method(customer, is_default), at(0)).expect("allowed").0
}

fn changed(method: &PaymentMethod, command: &MethodCommand) -> PaymentMethod {
    match method.apply(command, at(5)) {
        Ok(Applied::Changed(next, _)) => *next,
        other => panic!("{command:?} gave {other:?}"),
    }
}

fn command(kind: MethodCommandKind) -> MethodCommand {
    match kind {
        MethodCommandKind::Update => MethodCommand::Update(Box::new(UpdateMethod {
            metadata: Some(Metadata::new(BTreeMap::from([("k".into(), "v".into())])).expect("within bounds")),
            ..Default::default()
        })),
        MethodCommandKind::Attach => MethodCommand::Attach {
            customer_id: Some("cust_2".into()),
            merchant_account_id: None,
            consent: None,
            by_browser: false,
            duplicate_of: None,
        },
        MethodCommandKind::BecomeDefault => MethodCommand::BecomeDefault,
        MethodCommandKind::StepDown => MethodCommand::StepDown,
        MethodCommandKind::Verify => {
            MethodCommand::Verify(VerificationStep::Begin(VerificationKind::ZeroAmount, "simulator".into()))
        }
        MethodCommandKind::TellExpiry => MethodCommand::TellExpiry,
        MethodCommandKind::Delete => MethodCommand::Delete,
    }
}

#[test]
fn every_pair_of_state_and_command_does_what_the_table_says() {
    use MethodCommandKind as C;
    #[derive(Debug, PartialEq)]
    enum Gives {
        Changed(MethodEvent, MethodStatus),
        Nothing,
        Refused(MethodRefusal),
    }
    let active = |event| Gives::Changed(event, MethodStatus::Active);
    let states = [
        ("unattached", method(None, false)),
        ("attached", method(Some("cust_1"), false)),
        ("default", method(Some("cust_1"), true)),
        ("deleted", changed(&method(Some("cust_1"), true), &MethodCommand::Delete)),
    ];
    let table = [
        ("unattached", C::Update, active(MethodEvent::Updated)),
        ("unattached", C::Attach, active(MethodEvent::Attached)),
        ("unattached", C::BecomeDefault, Gives::Refused(MethodRefusal::NoCustomer)),
        ("unattached", C::StepDown, Gives::Nothing),
        ("unattached", C::Delete, Gives::Changed(MethodEvent::Deleted, MethodStatus::Deleted)),
        ("attached", C::Update, active(MethodEvent::Updated)),
        ("attached", C::Attach, Gives::Refused(MethodRefusal::AttachedToAnother)),
        ("attached", C::BecomeDefault, active(MethodEvent::Updated)),
        ("attached", C::StepDown, Gives::Nothing),
        ("attached", C::Delete, Gives::Changed(MethodEvent::Deleted, MethodStatus::Deleted)),
        ("default", C::Update, active(MethodEvent::Updated)),
        ("default", C::Attach, Gives::Refused(MethodRefusal::AttachedToAnother)),
        ("default", C::BecomeDefault, Gives::Nothing),
        ("default", C::StepDown, active(MethodEvent::Updated)),
        ("default", C::Delete, Gives::Changed(MethodEvent::Deleted, MethodStatus::Deleted)),
        ("deleted", C::Update, Gives::Refused(MethodRefusal::Deleted)),
        ("deleted", C::Attach, Gives::Refused(MethodRefusal::Deleted)),
        ("deleted", C::BecomeDefault, Gives::Refused(MethodRefusal::Deleted)),
        ("deleted", C::StepDown, Gives::Refused(MethodRefusal::Deleted)),
        ("deleted", C::Delete, Gives::Refused(MethodRefusal::Deleted)),
        ("unattached", C::Verify, active(MethodEvent::VerificationChanged)),
        ("unattached", C::TellExpiry, Gives::Nothing),
        ("attached", C::Verify, active(MethodEvent::VerificationChanged)),
        ("attached", C::TellExpiry, Gives::Nothing),
        ("default", C::Verify, active(MethodEvent::VerificationChanged)),
        ("default", C::TellExpiry, Gives::Nothing),
        ("deleted", C::Verify, Gives::Refused(MethodRefusal::Deleted)),
        ("deleted", C::TellExpiry, Gives::Refused(MethodRefusal::Deleted)),
    ];
    let seen: HashSet<_> = table.iter().map(|(state, kind, _)| (*state, *kind)).collect();
    assert_eq!(
        seen.len(),
        states.len() * MethodCommandKind::ALL.len(),
        "a pair is missing or twice in the table"
    );
    for (state, kind, wanted) in table {
        let before = &states.iter().find(|(name, _)| *name == state).expect("a known state").1;
        let given = match before.apply(&command(kind), at(5)) {
            Ok(Applied::Changed(next, event)) => {
                assert_eq!(next.version, before.version.next(), "{state} {kind:?}");
                assert_eq!(next.updated_at, at(5), "{state} {kind:?}");
                assert_eq!(before.status().after(kind), Some(next.status()), "{state} {kind:?}");
                Gives::Changed(event, next.status())
            }
            Ok(Applied::AlreadyApplied) => Gives::Nothing,
            Err(refusal) => Gives::Refused(refusal),
        };
        assert_eq!(given, wanted, "{state} {kind:?}");
    }
}

#[test]
fn a_deleted_method_has_no_secrets_no_billing_details_and_is_no_default() {
    let deleted = changed(&method(Some("cust_1"), true), &MethodCommand::Delete);
    assert_eq!(deleted.tokens(), None);
    assert_eq!(deleted.billing, None);
    assert_eq!(deleted.deleted_at(), Some(at(5)));
    assert!(!deleted.is_default());
}

#[test]
fn card_data_of_a_customer_is_kept_only_with_consent() {
    let card_data =
        |consent| CreateMethod { from_raw_data: true, consent, ..new_method(Some("cust_1"), false) };
    assert_eq!(PaymentMethod::create(card_data(None), at(0)), Err(MethodRefusal::ConsentRequired));
    let consent = Consent { text_version: "2026-01".into(), at: at(0) };
    assert!(PaymentMethod::create(card_data(Some(consent)), at(0)).is_ok());
    let nobodys = CreateMethod { from_raw_data: true, ..new_method(None, false) };
    assert!(PaymentMethod::create(nobodys, at(0)).is_ok());
    assert!(
        PaymentMethod::create(new_method(Some("cust_1"), false), at(0)).is_ok(),
        "the seed's own example"
    );
}

#[test]
fn nobodys_method_is_no_default() {
    assert_eq!(PaymentMethod::create(new_method(None, true), at(0)), Err(MethodRefusal::NoCustomer));
}

#[test]
fn attaching_again_to_the_same_customer_changes_nothing() {
    let again = MethodCommand::Attach {
        customer_id: Some("cust_1".into()),
        merchant_account_id: None,
        consent: None,
        by_browser: false,
        duplicate_of: None,
    };
    assert_eq!(method(Some("cust_1"), false).apply(&again, at(5)), Ok(Applied::AlreadyApplied));
}

#[test]
fn a_method_is_given_to_a_merchant_account_with_or_without_a_customer_and_stays_there() {
    let to = |customer: Option<&str>, merchant: &str| MethodCommand::Attach {
        customer_id: customer.map(str::to_owned),
        merchant_account_id: Some(merchant.to_owned()),
        consent: None,
        by_browser: false,
        duplicate_of: None,
    };
    let given = changed(&method(None, false), &to(None, "ma_1"));
    assert_eq!((given.customer_id.as_deref(), given.merchant_account_id.as_deref()), (None, Some("ma_1")));
    let both = changed(&given, &to(Some("cust_1"), "ma_1"));
    assert_eq!(
        (both.customer_id.as_deref(), both.merchant_account_id.as_deref()),
        (Some("cust_1"), Some("ma_1"))
    );
    assert_eq!(both.apply(&to(None, "ma_1"), at(5)), Ok(Applied::AlreadyApplied));
    let other = both.apply(&to(Some("cust_1"), "ma_2"), at(5));
    assert_eq!(other, Err(MethodRefusal::AttachedToAnotherMerchant));
    let half = given.apply(&to(Some("cust_1"), "ma_2"), at(5));
    assert_eq!(half, Err(MethodRefusal::AttachedToAnotherMerchant), "nothing of it is done");
}

#[test]
fn an_update_to_what_already_is_changes_nothing() {
    let same = MethodCommand::Update(Box::new(UpdateMethod { is_default: Some(true), ..Default::default() }));
    assert_eq!(method(Some("cust_1"), true).apply(&same, at(5)), Ok(Applied::AlreadyApplied));
}

#[test]
fn the_claim_to_be_the_default_follows_the_default() {
    let plain = method(Some("cust_1"), false);
    let default =
        PaymentMethod { id: MethodId::from_uuid(Uuid::from_u128(8)), ..method(Some("cust_1"), true) };
    let claim = |owner: &PaymentMethod| Guard::Claim {
        kind: "default_method",
        key: "cust_1".into(),
        owner: owner.id.to_string(),
    };
    let release = |owner: &PaymentMethod| Guard::Release {
        kind: "default_method",
        key: "cust_1".into(),
        owner: owner.id.to_string(),
    };
    let becomes = Save::changed(plain.clone(), changed(&plain, &MethodCommand::BecomeDefault));
    let steps_down = Save::changed(default.clone(), changed(&default, &MethodCommand::StepDown));
    let deleted = Save::changed(default.clone(), changed(&default, &MethodCommand::Delete));
    let plain_deleted = Save::changed(plain.clone(), changed(&plain, &MethodCommand::Delete));
    assert_eq!(method_guards(&[Save::new(plain.clone())]), []);
    assert_eq!(method_guards(&[plain_deleted]), []);
    assert_eq!(method_guards(&[Save::new(default.clone())]), [claim(&default)]);
    assert_eq!(method_guards(std::slice::from_ref(&becomes)), [claim(&plain)]);
    assert_eq!(method_guards(&[steps_down, becomes.clone()]), [release(&default), claim(&plain)], "a move");
    assert_eq!(method_guards(&[deleted, becomes]), [release(&default), claim(&plain)], "passed on");
}

#[test]
fn card_data_without_consent_goes_to_a_customer_only_with_consent() {
    let consent = Consent { text_version: "2026-01".into(), at: at(1) };
    let to = |consent: Option<Consent>| MethodCommand::Attach {
        customer_id: Some("cust_1".into()),
        merchant_account_id: None,
        consent,
        by_browser: false,
        duplicate_of: None,
    };
    let raw = CreateMethod { from_raw_data: true, ..new_method(None, false) };
    let raw = PaymentMethod::create(raw, at(0)).expect("nobody's card").0;
    assert_eq!(raw.apply(&to(None), at(5)), Err(MethodRefusal::ConsentRequired));
    let attached = changed(&raw, &to(Some(consent.clone())));
    assert_eq!((attached.customer_id.as_deref(), attached.consent), (Some("cust_1"), Some(consent)));
    let of_token = changed(&method(None, false), &to(None));
    assert_eq!(of_token.consent, None, "a client's token needs none");
}

#[test]
fn what_the_customers_browser_alone_asks_to_keep_needs_a_consent_whatever_it_was_made_of() {
    let by_browser = |consent: Option<Consent>| MethodCommand::Attach {
        customer_id: Some("cust_1".into()),
        merchant_account_id: None,
        consent,
        by_browser: true,
        duplicate_of: None,
    };
    let of_token = method(None, false);
    assert_eq!(of_token.apply(&by_browser(None), at(5)), Err(MethodRefusal::ConsentRequired));
    let consent = Consent { text_version: "2026-01".into(), at: at(1) };
    assert_eq!(changed(&of_token, &by_browser(Some(consent.clone()))).consent, Some(consent));
}

#[test]
fn only_a_sepa_debit_has_a_mandate_and_it_must_have_one() {
    let account = BankAccount { country: "DE".into(), last4: "3000".into(), bic: None };
    let mandate = Mandate { reference: "M-1".into(), signed_at: at(0), sequence: MandateSequence::Recurring };
    let with = |details: MethodDetails, mandate: Option<Mandate>| CreateMethod {
        details,
        mandate,
        from_raw_data: true,
        ..new_method(Some("cust_1"), false)
    };
    let sepa = MethodDetails::SepaDebit(account.clone());
    let refused = |new| PaymentMethod::create(new, at(0)).map(|_| ());
    assert_eq!(refused(with(sepa.clone(), None)), Err(MethodRefusal::MandateRequired));
    assert_eq!(refused(with(sepa.clone(), Some(mandate.clone()))), Ok(()), "the mandate is the consent");
    let bank = MethodDetails::BankAccount(account);
    assert_eq!(refused(with(bank.clone(), Some(mandate.clone()))), Err(MethodRefusal::MandateNotTaken));
    assert_eq!(refused(with(bank, None)), Err(MethodRefusal::ConsentRequired));
    let signed = Arc::new(PaymentMethod::create(with(sepa, Some(mandate)), at(0)).expect("allowed").0);
    let claims = method_guards(&[Save::new(Arc::clone(&signed))]);
    let claim = Guard::Claim {
        kind: crate::vault::MANDATE_REFERENCE,
        key: "M-1".to_owned(),
        owner: signed.id.to_string(),
    };
    assert_eq!(claims, [claim], "its reference is claimed once, and kept");
    let deleted = signed.apply(&MethodCommand::Delete, at(5)).expect("allowed");
    let Applied::Changed(deleted, _) = deleted else { panic!("deleted") };
    assert_eq!(method_guards(&[Save::changed(signed, *deleted)]), []);
}

#[test]
fn a_card_expires_when_its_month_is_over_everywhere() {
    let expires = |second| {
        let card = Card { exp_month: 1, exp_year: 2027, ..card() };
        let new = CreateMethod { details: MethodDetails::Card(card), ..new_method(None, false) };
        PaymentMethod::create(new, at(0)).expect("allowed").0.has_expired(at(second))
    };
    // 2027-01-15 08:00 UTC is the tests' second 0; February begins 1,440,000 seconds later.
    assert!(!expires(1_440_000 + 12 * 3600 - 1));
    assert!(expires(1_440_000 + 12 * 3600));
}
