//! The simulator's messages about methods beside cards.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::TenantId;
use tender_domain::ports::TokenisedMethod;
use tender_domain::vault::{AccountNumber, BankData, MethodDetails, MethodType};

#[derive(Serialize)]
pub(super) struct TokeniseAccountBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) method_type: MethodType,
    pub(super) account: AccountBody<'a>,
}

#[derive(Serialize)]
pub(super) struct AccountBody<'a> {
    number: NumberBody<'a>,
    bic: Option<&'a str>,
    holder_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum NumberBody<'a> {
    Iban(&'a str),
    Local { country: &'a str, routing_number: &'a str, account_number: &'a str },
}

impl<'a> From<&'a BankData> for AccountBody<'a> {
    fn from(data: &'a BankData) -> Self {
        let number = match &data.number {
            AccountNumber::Iban(iban) => NumberBody::Iban(iban.expose_secret()),
            AccountNumber::Local { country, routing_number, account_number } => {
                NumberBody::Local { country, routing_number, account_number: account_number.expose_secret() }
            }
        };
        Self { number, bic: data.bic.as_deref(), holder_name: &data.holder_name }
    }
}

#[derive(Serialize)]
pub(super) struct InspectMethodBody<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) method_type: MethodType,
    pub(super) token: &'a str,
}

#[derive(Deserialize)]
pub(super) struct MethodAnswer {
    token: String,
    details: MethodDetails,
    identity: String,
}

impl From<MethodAnswer> for TokenisedMethod {
    fn from(answer: MethodAnswer) -> Self {
        Self { token: answer.token.into(), details: answer.details, identity: answer.identity.into() }
    }
}

#[derive(Deserialize)]
pub(super) struct InspectMethodAnswer {
    pub(super) method: Option<MethodAnswer>,
}
