//! Bank accounts and mandates, as clients send and get them.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tender_domain::vault::{self, AccountNumber, BankAccount, BankData, Mandate, MandateSequence};
use tender_http::Problem;
use utoipa::ToSchema;

use crate::MandateGiven;

/// The kind of a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MethodType {
    /// A payment card.
    Card,
    /// A bank account, debited by the rules of its country.
    BankAccount,
    /// A card in Apple Pay; of a `token`.
    ApplePay,
    /// A card in Google Pay; of a `token`.
    GooglePay,
    /// A PayPal account; of a `token`.
    Paypal,
    /// A bank account debited by SEPA direct debit, on a `mandate`.
    SepaDebit,
}

/// The two lists of types say the same.
macro_rules! same_types {
    ($($name:ident),*) => {
        impl From<MethodType> for vault::MethodType {
            fn from(of: MethodType) -> Self {
                match of { $(MethodType::$name => Self::$name),* }
            }
        }
        impl From<vault::MethodType> for MethodType {
            fn from(of: vault::MethodType) -> Self {
                match of { $(vault::MethodType::$name => Self::$name),* }
            }
        }
    };
}

same_types!(Card, BankAccount, ApplePay, GooglePay, Paypal, SepaDebit);

/// A bank account's data: an `iban`, or `country`, `routing_number` and `account_number`. Tokenised in memory and dropped;
/// never kept, logged or shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BankAccountBody {
    /// The IBAN; spaces are allowed. Required for `sepa_debit`.
    #[schema(value_type = Option<String>, example = "DE89 3704 0044 0532 0130 00", write_only)]
    iban: Option<SecretString>,
    /// The account's bank (BIC).
    #[schema(example = "COBADEFFXXX")]
    bic: Option<String>,
    /// Where the account is held (ISO 3166-1 alpha-2); not together with `iban`.
    #[schema(example = "US")]
    country: Option<String>,
    /// The bank's number: of the US the ABA routing number; not together with `iban`.
    #[schema(example = "110000000")]
    routing_number: Option<String>,
    /// The account's number at the bank; not together with `iban`.
    #[schema(value_type = Option<String>, example = "000123456789", write_only)]
    account_number: Option<SecretString>,
    /// Whose account it is.
    #[schema(value_type = String, example = "Ada Lovelace")]
    holder_name: SecretString,
}

impl TryFrom<BankAccountBody> for BankData {
    type Error = Problem;

    fn try_from(body: BankAccountBody) -> Result<Self, Problem> {
        use secrecy::ExposeSecret;
        let BankAccountBody { iban, bic, country, routing_number, account_number, holder_name } = body;
        let number = match (iban, country, routing_number, account_number) {
            (Some(iban), None, None, None) => AccountNumber::Iban(iban),
            (None, Some(country), Some(routing_number), Some(account_number)) => {
                AccountNumber::Local { country, routing_number, account_number }
            }
            _ => {
                let detail = "send either `iban`, or `country`, `routing_number` and `account_number`";
                return Err(Problem::unprocessable("method_source_required", detail)
                    .pointer("/bank_account", "wants one of both"));
            }
        };
        Ok(Self { number, bic, holder_name: holder_name.expose_secret().to_owned() })
    }
}

/// Where a debit stands among those of its mandate (ISO 20022).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = MandateSequence)]
enum Sequence {
    /// The first of several.
    Frst,
    /// One of several.
    Rcur,
    /// The last of several.
    Fnal,
    /// The only one.
    Ooff,
}

impl From<Sequence> for MandateSequence {
    fn from(of: Sequence) -> Self {
        match of {
            Sequence::Frst => Self::First,
            Sequence::Rcur => Self::Recurring,
            Sequence::Fnal => Self::Final,
            Sequence::Ooff => Self::OneOff,
        }
    }
}

impl From<MandateSequence> for Sequence {
    fn from(of: MandateSequence) -> Self {
        match of {
            MandateSequence::First => Self::Frst,
            MandateSequence::Recurring => Self::Rcur,
            MandateSequence::Final => Self::Fnal,
            MandateSequence::OneOff => Self::Ooff,
        }
    }
}

/// The mandate of a SEPA direct debit, as the customer signed it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MandateBody {
    /// How the creditor names it, at most 35 characters; one of our making, if left out. Used once, for ever.
    #[schema(example = "CUST123-2026-01")]
    reference: Option<String>,
    /// When it was signed.
    signed_at: DateTime<Utc>,
    /// Where the next debit stands among its debits.
    sequence: Sequence,
}

impl From<MandateBody> for MandateGiven {
    fn from(body: MandateBody) -> Self {
        Self { reference: body.reference, signed_at: body.signed_at, sequence: body.sequence.into() }
    }
}

/// A mandate that was signed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MandateResource {
    /// How the creditor names it.
    #[schema(example = "CUST123-2026-01")]
    reference: String,
    /// When it was signed.
    signed_at: DateTime<Utc>,
    /// Where the next debit stands among its debits.
    sequence: Sequence,
}

impl From<&Mandate> for MandateResource {
    fn from(mandate: &Mandate) -> Self {
        Self {
            reference: mandate.reference.clone(),
            signed_at: mandate.signed_at,
            sequence: mandate.sequence.into(),
        }
    }
}

/// What is shown of a bank account. Never its number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct BankAccountResource {
    /// Where it is held (ISO 3166-1 alpha-2).
    #[schema(example = "DE")]
    country: String,
    /// The last four characters of its number.
    #[schema(example = "3000")]
    last4: String,
    /// Its bank (BIC), when it is known.
    #[schema(example = "COBADEFFXXX")]
    bic: Option<String>,
}

impl From<&BankAccount> for BankAccountResource {
    fn from(account: &BankAccount) -> Self {
        Self { country: account.country.clone(), last4: account.last4.clone(), bic: account.bic.clone() }
    }
}
