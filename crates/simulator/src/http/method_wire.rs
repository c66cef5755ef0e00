//! The messages about methods beside cards, as they are sent.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::TenantId;
use tender_domain::ports::TokenisedMethod;
use tender_domain::vault::{AccountNumber, BankData, MethodDetails, MethodType};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokeniseAccountBody {
    pub(crate) tenant: TenantId,
    pub(crate) method_type: MethodType,
    pub(crate) account: AccountBody,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountBody {
    number: NumberBody,
    bic: Option<String>,
    holder_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum NumberBody {
    Iban(SecretString),
    Local { country: String, routing_number: String, account_number: SecretString },
}

impl From<AccountBody> for BankData {
    fn from(body: AccountBody) -> Self {
        let number = match body.number {
            NumberBody::Iban(iban) => AccountNumber::Iban(iban),
            NumberBody::Local { country, routing_number, account_number } => {
                AccountNumber::Local { country, routing_number, account_number }
            }
        };
        Self { number, bic: body.bic, holder_name: body.holder_name }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InspectMethodBody {
    pub(crate) tenant: TenantId,
    pub(crate) method_type: MethodType,
    pub(crate) token: String,
}

/// A method behind a token; the token itself is a secret, but this is the way it reaches its owner.
#[derive(Serialize)]
pub(crate) struct MethodAnswer {
    token: String,
    details: MethodDetails,
    identity: String,
}

impl From<TokenisedMethod> for MethodAnswer {
    fn from(method: TokenisedMethod) -> Self {
        Self {
            token: method.token.expose_secret().to_owned(),
            details: method.details,
            identity: method.identity.expose_secret().to_owned(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct InspectMethodAnswer {
    pub(crate) method: Option<MethodAnswer>,
}
