//! Methods beside cards.

use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CheckMethod, DeclineCode, DepositsAnswer, GatewayError, ZeroAmountAnswer};
use tender_domain::vault::{AccountNumber, BankData, Enrolment, MethodType, VerificationKind};

use super::rig::{GatewayRig, Trouble, assert_approved, assert_not_done};

fn account(iban: &str) -> BankData {
    let number = AccountNumber::Iban(SecretString::from(iban));
    BankData { number, bic: Some("COBADEFFXXX".to_owned()), holder_name: "Ada Lovelace".to_owned() }
}

/// A bank account becomes a token that says what may be shown of it, pays, and is nothing to another tenant or as another
/// type. A gateway that takes none says that it did nothing.
pub async fn bank_accounts_become_tokens_of_their_tenant(rig: &GatewayRig) {
    let (iban, sepa) = ("DE89370400440532013000", MethodType::SepaDebit);
    let made = rig.gateway.tokenise_bank_account(&rig.tenant, sepa, &account(iban)).await;
    if !rig.gateway.method_types().contains(&sepa) {
        assert_not_done(&made);
        return;
    }
    let made = made.expect("answered");
    assert_eq!(made.details.method_type(), sepa);
    assert_eq!(made.details.last4(), Some("3000"));
    let token = made.token.expose_secret().to_owned();
    assert!(!token.contains(iban), "a token must not contain the account's number");

    let inspect = async |tenant: &TenantId, method_type| {
        rig.gateway.inspect_method(tenant, method_type, &made.token).await.expect("answered")
    };
    let seen = inspect(&rig.tenant, sepa).await.expect("known");
    assert_eq!(seen.details.last4(), Some("3000"));
    assert_eq!(seen.identity.expose_secret(), made.identity.expose_secret());
    assert!(inspect(&rig.tenant, MethodType::BankAccount).await.is_none(), "it is of another type");
    assert!(inspect(&rig.tenant, MethodType::Card).await.is_none(), "it is no card");
    let stranger: TenantId = "stranger".parse().expect("a tenant name");
    assert!(inspect(&stranger, sepa).await.is_none());

    let answer = rig.gateway.authorize(&rig.authorization(&token, 300, true)).await.expect("answered");
    assert_approved(&answer, 300, true);
    let wrong =
        rig.gateway.tokenise_bank_account(&rig.tenant, sepa, &account("DE89370400440532013001")).await;
    assert_not_done(&wrong);
}

/// Every type that a gateway says it takes beside cards has a test token in the sandbox of the simulated one, which pays;
/// where a gateway takes no such type, it knows no token of it.
pub async fn a_token_of_each_type_is_known_as_that_type(rig: &GatewayRig) {
    for method_type in MethodType::ALL.iter().filter(|of| **of != MethodType::Card) {
        let text = format!("tok_{}", method_type.as_str());
        let token = SecretString::from(text.clone());
        let known = rig.gateway.inspect_method(&rig.tenant, *method_type, &token).await.expect("answered");
        if !rig.gateway.method_types().contains(method_type) {
            assert!(known.is_none(), "{text}");
            continue;
        }
        let known = known.expect("known");
        assert_eq!(known.details.method_type(), *method_type);
        assert!(known.details.is_plausible(), "{text}");
        let answer = rig.gateway.authorize(&rig.authorization(&text, 300, true)).await.expect("answered");
        assert_approved(&answer, 300, true);
    }
}

/// A gateway that checks saved methods tells a good card from a bad one, and what was lost once is answered when it is asked
/// again under the same reference. Who sends deposits sends the same however often it is asked so.
pub async fn saved_methods_are_checked_where_it_says_so(rig: &GatewayRig) {
    let Some(checks) = rig.gateway.method_checks() else { return };
    let of = |method_type, token: &str, number: u32| CheckMethod {
        tenant: rig.tenant.clone(),
        reference: format!("pm_01h2xcejqtf2nbrexx3vqjhp41/verify/{number}"),
        method_type,
        token: token.into(),
    };
    let card = |token: &str, number| of(MethodType::Card, token, number);
    assert!(checks.verifies(VerificationKind::ZeroAmount, MethodType::Card));
    assert!(!checks.verifies(VerificationKind::MicroDeposits, MethodType::Card));
    let good = checks.authorize_nothing(&card(rig.approved, 1)).await.expect("answered");
    assert!(matches!(&good, ZeroAmountAnswer::Approved { .. }), "{good:?}");
    let (token, code) = rig.declined;
    let bad = checks.authorize_nothing(&card(token, 2)).await.expect("answered");
    match &bad {
        ZeroAmountAnswer::Declined(decline) => assert_eq!(decline.code, code),
        // Nothing is asked for: a lack of money need not decline it.
        ZeroAmountAnswer::Approved { .. } => assert_eq!(code, DeclineCode::InsufficientFunds),
    }
    let troubled = (rig.trouble)(Trouble::AnswerLost);
    let lost = checks.authorize_nothing(&card(troubled, 3)).await;
    assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{lost:?}");
    let found = checks.authorize_nothing(&card(troubled, 3)).await.expect("answered when asked again");
    assert!(matches!(found, ZeroAmountAnswer::Approved { .. }), "{found:?}");
    let refused = checks.authorize_nothing(&card((rig.trouble)(Trouble::Refused), 4)).await;
    assert!(matches!(refused, Err(GatewayError::NotDone(_))), "{refused:?}");

    let support = checks.three_ds_support(&card(rig.approved, 5)).await;
    if checks.verifies(VerificationKind::ThreeDs, MethodType::Card) {
        assert_eq!(support.expect("answered").enrolment, Enrolment::Enrolled);
    } else {
        assert_not_done(&support);
    }

    let account = of(MethodType::BankAccount, "tok_bank_account", 6);
    let sent = checks.send_deposits(&account).await;
    if !checks.verifies(VerificationKind::MicroDeposits, MethodType::BankAccount) {
        assert_not_done(&sent);
        return;
    }
    let sent = sent.expect("answered");
    assert!(matches!(sent, DepositsAnswer::Sent(_)), "{sent:?}");
    assert!(checks.send_deposits(&account).await.expect("answered") == sent, "the same again");
    assert!(!format!("{sent:?}").contains("32"), "amounts are printed nowhere");
    let closed = of(MethodType::BankAccount, "tok_bank_account_declined", 7);
    let closed = checks.send_deposits(&closed).await.expect("answered");
    assert!(matches!(closed, DepositsAnswer::Refused(_)), "{closed:?}");
}
