//! Tokens of what is no card: wallets, bank accounts, PayPal. A bank account's token is sealed by the simulator's secret,
//! as a card's is; no account number is kept anywhere.

use data_encoding::BASE32_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tender_domain::kernel::TenantId;
use tender_domain::ports::TokenisedMethod;
use tender_domain::vault::{BankAccount, BankData, MethodDetails, MethodType, PaypalAccount};

use crate::Behaviour;
use crate::card_token::TokenCard;
use crate::cards;
use crate::secret::derive;

const PREFIX: &str = "tok_bank_";
/// behaviour 1, type 1, country 2, last four 4, identity 16
const BODY_BYTES: usize = 24;
const SEAL_BYTES: usize = 16;

/// An IBAN whose debits are declined: a valid one of a bank code that no bank has. Every other account is debited.
pub(crate) const DECLINED_IBAN: &str = "DE62370400440532013001";

/// A test token of a type beside cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestMethod {
    /// The token.
    pub token: &'static str,
    /// What it stands for.
    pub method_type: MethodType,
    /// What becomes of a payment with it.
    pub behaviour: Behaviour,
    /// The same in words, for people.
    pub description: &'static str,
}

const TEST_METHODS: &[TestMethod] = &[
    method("tok_apple_pay", MethodType::ApplePay, Behaviour::Approve, "approved"),
    method("tok_google_pay", MethodType::GooglePay, Behaviour::Approve, "approved"),
    method("tok_paypal", MethodType::Paypal, Behaviour::Approve, "approved"),
    method(
        "tok_paypal_declined",
        MethodType::Paypal,
        Behaviour::InsufficientFunds,
        "declined: not enough money",
    ),
    method("tok_bank_account", MethodType::BankAccount, Behaviour::Approve, "debited"),
    method(
        "tok_bank_account_declined",
        MethodType::BankAccount,
        Behaviour::Decline,
        "declined without a reason",
    ),
    method("tok_sepa_debit", MethodType::SepaDebit, Behaviour::Approve, "debited"),
    method(
        "tok_sepa_debit_declined",
        MethodType::SepaDebit,
        Behaviour::InsufficientFunds,
        "declined: not enough money",
    ),
];

const fn method(
    token: &'static str,
    method_type: MethodType,
    behaviour: Behaviour,
    description: &'static str,
) -> TestMethod {
    TestMethod { token, method_type, behaviour, description }
}

/// Every test token of a type beside cards.
#[must_use]
pub const fn test_methods() -> &'static [TestMethod] {
    TEST_METHODS
}

/// What is behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenMethod {
    behaviour: Behaviour,
    details: MethodDetails,
    /// Equal for the same account of the same tenant.
    identity: [u8; 16],
}

impl TokenMethod {
    /// What is behind bank account data that was checked; none for a type that is no bank account's.
    pub(crate) fn of_account(
        secret: &SecretString,
        tenant: &TenantId,
        method_type: MethodType,
        account: &BankData,
    ) -> Option<Self> {
        let shown = account.check(method_type).ok()?;
        let identity = account.identity();
        let identity = identity.expose_secret();
        let behaviour =
            if identity == DECLINED_IBAN { Behaviour::InsufficientFunds } else { Behaviour::Approve };
        let full = derive(secret, "account identity", &[tenant.as_str().as_bytes(), identity.as_bytes()]);
        Some(Self { behaviour, details: of_type(method_type, shown)?, identity: first_16(&full) })
    }

    /// What is behind a token of this tenant.
    pub(crate) fn of_token(secret: &SecretString, tenant: &TenantId, token: &str) -> Option<Self> {
        if let Some(found) = TEST_METHODS.iter().find(|method| method.token == token) {
            return Some(Self::of_test(secret, tenant, found));
        }
        let sealed = BASE32_NOPAD.decode(token.strip_prefix(PREFIX)?.to_ascii_uppercase().as_bytes()).ok()?;
        let (body, seal) = sealed.split_at_checked(BODY_BYTES)?;
        if !bool::from(seal_of(secret, tenant, body).ct_eq(seal)) {
            return None;
        }
        let text = |range: std::ops::Range<usize>| String::from_utf8(body.get(range)?.to_vec()).ok();
        let account = BankAccount { country: text(2..4)?, last4: text(4..8)?, bic: None };
        let method_type = MethodType::ALL.get(usize::from(body[1]))?;
        Some(Self {
            behaviour: Behaviour::from_number(body[0])?,
            details: of_type(*method_type, account)?,
            identity: first_16(&body[8..]),
        })
    }

    fn of_test(secret: &SecretString, tenant: &TenantId, found: &TestMethod) -> Self {
        let card = || tender_domain::vault::Card {
            brand: "VISA".to_owned(),
            last4: "4242".to_owned(),
            exp_month: cards::EXP_MONTH,
            exp_year: cards::EXP_YEAR,
            bin: None,
        };
        let account = |country: &str, last4: &str| BankAccount {
            country: country.to_owned(),
            last4: last4.to_owned(),
            bic: None,
        };
        let details = match found.method_type {
            MethodType::Card => MethodDetails::Card(card()),
            MethodType::ApplePay => MethodDetails::ApplePay(card()),
            MethodType::GooglePay => MethodDetails::GooglePay(card()),
            MethodType::BankAccount => MethodDetails::BankAccount(account("US", "6789")),
            MethodType::SepaDebit => MethodDetails::SepaDebit(account("DE", "3000")),
            MethodType::Paypal => MethodDetails::Paypal(PaypalAccount::new(Some("buyer@example.com"))),
        };
        let full = derive(secret, "test method", &[tenant.as_str().as_bytes(), found.token.as_bytes()]);
        Self { behaviour: found.behaviour, details, identity: first_16(&full) }
    }

    /// The token that carries this account; none for what is none.
    pub(crate) fn seal(&self, secret: &SecretString, tenant: &TenantId) -> Option<SecretString> {
        let account = self.details.bank_account()?;
        let place = MethodType::ALL.iter().position(|found| *found == self.details.method_type())?;
        let mut body = Vec::with_capacity(BODY_BYTES + SEAL_BYTES);
        body.extend([self.behaviour.number(), u8::try_from(place).ok()?]);
        body.extend(account.country.bytes().chain(account.last4.bytes()));
        body.extend(self.identity);
        let seal = seal_of(secret, tenant, &body);
        body.extend(seal);
        Some(format!("{PREFIX}{}", BASE32_NOPAD.encode(&body).to_ascii_lowercase()).into())
    }

    /// The method as the port tells it, under this token.
    pub(crate) fn tokenised(&self, token: SecretString) -> TokenisedMethod {
        let identity = BASE32_NOPAD.encode(&self.identity).to_ascii_lowercase().into();
        TokenisedMethod { token, details: self.details.clone(), identity }
    }

    /// As the engine decides about it: like a card of this behaviour, which is not past its date.
    pub(crate) fn charged(&self, secret: &SecretString, tenant: &TenantId) -> TokenCard {
        TokenCard::fresh(secret, tenant, self.behaviour, "method")
    }

    pub(crate) const fn method_type(&self) -> MethodType {
        self.details.method_type()
    }
}

fn of_type(method_type: MethodType, account: BankAccount) -> Option<MethodDetails> {
    match method_type {
        MethodType::BankAccount => Some(MethodDetails::BankAccount(account)),
        MethodType::SepaDebit => Some(MethodDetails::SepaDebit(account)),
        MethodType::Card | MethodType::ApplePay | MethodType::GooglePay | MethodType::Paypal => None,
    }
}

fn seal_of(secret: &SecretString, tenant: &TenantId, body: &[u8]) -> [u8; SEAL_BYTES] {
    first_16(&derive(secret, "bank account token", &[tenant.as_str().as_bytes(), body]))
}

fn first_16(bytes: &[u8]) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    first
}

#[cfg(test)]
mod tests {
    use tender_domain::vault::AccountNumber;

    use super::*;

    fn secret() -> SecretString {
        "a secret of tests".into()
    }

    fn account(iban: &str) -> BankData {
        let number = AccountNumber::Iban(iban.into());
        BankData { number, bic: None, holder_name: "Ada Lovelace".to_owned() }
    }

    #[test]
    fn a_bank_accounts_token_gives_it_back_to_its_tenant_only_and_holds_no_number() {
        let tenant = TenantId::sandbox();
        for (iban, behaviour) in
            [("DE89370400440532013000", Behaviour::Approve), (DECLINED_IBAN, Behaviour::InsufficientFunds)]
        {
            let made = TokenMethod::of_account(&secret(), &tenant, MethodType::SepaDebit, &account(iban));
            let made = made.expect("a good IBAN");
            assert_eq!(made.behaviour, behaviour);
            let token = made.seal(&secret(), &tenant).expect("a bank account");
            let token = token.expose_secret();
            assert_eq!(TokenMethod::of_token(&secret(), &tenant, token), Some(made));
            let other = "other".parse().expect("a tenant");
            assert_eq!(TokenMethod::of_token(&secret(), &other, token), None);
            assert!(!token.contains(iban));
            let at = PREFIX.len() + 3;
            let mut changed: Vec<u8> = token.bytes().collect();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(TokenMethod::of_token(&secret(), &tenant, &changed), None);
        }
        for text in ["", "tok_bank_", "tok_bank_a", "tok_visa"] {
            assert_eq!(TokenMethod::of_token(&secret(), &tenant, text), None, "{text}");
        }
    }

    #[test]
    fn every_type_beside_cards_has_a_test_token_that_pays() {
        let tenant = TenantId::sandbox();
        for method_type in MethodType::ALL.iter().filter(|found| **found != MethodType::Card) {
            let pays = test_methods()
                .iter()
                .find(|method| method.method_type == *method_type && method.behaviour == Behaviour::Approve)
                .expect("a token");
            let found = TokenMethod::of_token(&secret(), &tenant, pays.token).expect("known");
            assert_eq!(found.method_type(), *method_type);
            assert!(found.details.is_plausible(), "{}", pays.token);
            assert!(cards::by_token(pays.token).is_none(), "{} is no card's", pays.token);
        }
    }
}
