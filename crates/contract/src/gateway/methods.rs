//! Methods beside cards.

use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::TenantId;
use tender_domain::vault::{AccountNumber, BankData, MethodType};

use super::rig::{GatewayRig, assert_approved, assert_not_done};

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
