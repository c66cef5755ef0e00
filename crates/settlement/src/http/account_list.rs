//! The list of accounts. Accounts have names and no ids, so its cursor is a name, not the id of a row as elsewhere.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderValue, LINK};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use tender_domain::kernel::{Currency, Limits, Page, PageRequest};
use tender_domain::ledger::{AccountBalance, AccountCursor, AccountFilter, AccountPage};
use tender_http::{Problem, respond_json};
use utoipa::ToSchema;

use super::ledger_dto::invalid;

/// Between the account and the currency of a cursor: no account's name has it.
const SEPARATOR: char = '\n';

/// Which accounts, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccountListQuery {
    pub(super) filter: AccountFilter,
    pub(super) page: AccountPage,
}

impl AccountListQuery {
    fn parse(query: &str) -> Result<Self, Problem> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
            .map_err(|_| Problem::bad_request("malformed_query", "the query string cannot be read"))?;
        let mut filter = AccountFilter::default();
        let mut page = AccountPage { limit: Limits::PAGE_ROWS_DEFAULT, after: None };
        let mut seen = Vec::with_capacity(pairs.len());
        for (name, value) in pairs.into_inner() {
            let name = match name.as_str() {
                "account" => "account",
                "currency" => "currency",
                "limit" => "limit",
                "cursor" => "cursor",
                other => return Err(unknown(other)),
            };
            if seen.contains(&name) {
                return Err(invalid(name, "is there more than once"));
            }
            seen.push(name);
            match name {
                "account" => filter.account = Some(value.parse().map_err(|error| invalid(name, error))?),
                "currency" => filter.currency = Some(value.parse().map_err(|error| invalid(name, error))?),
                "limit" => page.limit = limit(&value)?,
                _ => {
                    page.after =
                        Some(decode(&value).ok_or_else(|| invalid(name, "must be what `next_cursor` gave"))?)
                }
            }
        }
        Ok(Self { filter, page })
    }
}

fn unknown(name: &str) -> Problem {
    let shown: String = name.chars().take(64).collect();
    Problem::bad_request("unknown_parameter", format!("the query parameter `{shown}` is not known here"))
        .parameter(shown, "unknown parameter; leave it out")
}

fn limit(text: &str) -> Result<u32, Problem> {
    let limit = text.parse().map_err(|_| invalid("limit", "must be a whole number from 1 to 100"))?;
    PageRequest::new(limit, None, tender_domain::kernel::Direction::Older)
        .map_err(|error| invalid("limit", error))?;
    Ok(limit)
}

fn encode(account: &str, currency: Currency) -> String {
    URL_SAFE_NO_PAD.encode(format!("{account}{SEPARATOR}{currency}"))
}

fn decode(cursor: &str) -> Option<AccountCursor> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (account, currency) = text.split_once(SEPARATOR)?;
    Some(AccountCursor { account: account.parse().ok()?, currency: currency.parse().ok()? })
}

impl FromRequest for AccountListQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()))
    }
}

/// An account in one currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AccountResource {
    /// Always `ledger_account`.
    #[schema(value_type = String, example = "ledger_account")]
    object: &'static str,
    /// Its name.
    #[schema(example = "liability:merchant:ma_default:payable")]
    account: String,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// The sum of its debits, in minor units.
    #[schema(value_type = i64, example = 5000)]
    debit: i128,
    /// The sum of its credits, in minor units.
    #[schema(value_type = i64, example = 15000)]
    credit: i128,
    /// The balance on the account's normal side, in minor units; negative when the other side is larger.
    #[schema(value_type = i64, example = 10000)]
    balance: i128,
    /// The account's normal side: `debit` or `credit`.
    #[schema(value_type = String, example = "credit")]
    normal_side: &'static str,
}

impl From<AccountBalance> for AccountResource {
    fn from(found: AccountBalance) -> Self {
        Self {
            object: "ledger_account",
            account: found.account.to_string(),
            currency: found.currency,
            debit: found.totals.debits,
            credit: found.totals.credits,
            balance: found.balance(),
            normal_side: found.account.class().normal_side().as_str(),
        }
    }
}

/// One page of accounts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct AccountList {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// The accounts, by name.
    data: Vec<AccountResource>,
    /// Whether there are more.
    has_more: bool,
    /// What to give as `cursor` for more; null when there is none.
    next_cursor: Option<String>,
}

impl From<Page<AccountBalance>> for AccountList {
    fn from(page: Page<AccountBalance>) -> Self {
        let data: Vec<AccountResource> = page.data.into_iter().map(AccountResource::from).collect();
        let last = data.last().filter(|_| page.has_more);
        let next_cursor = last.map(|account| encode(&account.account, account.currency));
        Self { object: "list", data, has_more: page.has_more, next_cursor }
    }
}

impl Responder for AccountList {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = respond_json(200, &self);
        if let Some(next) = &self.next_cursor {
            let kept = request
                .query_string()
                .split('&')
                .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
            let query: String = kept.map(|pair| format!("{pair}&")).collect();
            let link = format!("<{}?{query}cursor={next}>; rel=\"next\"", request.path());
            if let Ok(link) = HeaderValue::from_str(&link) {
                response.headers_mut().insert(LINK, link);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_a_query_is_refused() {
        for query in [
            "limit=0",
            "limit=101",
            "limit=x",
            "currency=eur",
            "account=nothing",
            "cursor=abc",
            "colour=red",
            "limit=1&limit=2",
            "starting_after=le_1",
        ] {
            assert!(AccountListQuery::parse(query).is_err(), "{query}");
        }
        let fine = AccountListQuery::parse("account=clearing%3Afx&currency=EUR&limit=100").unwrap();
        assert_eq!(fine.page, AccountPage { limit: 100, after: None });
        assert_eq!(fine.filter.currency, Some(Currency::EUR));
    }

    proptest! {
        #[test]
        fn every_account_survives_its_cursor(part in "[^\\p{Cc}]{1,60}") {
            let account = format!("suspense:{part}");
            let cursor = decode(&encode(&account, Currency::JPY)).expect("a cursor of ours");
            prop_assert_eq!(cursor.account.to_string(), account);
            prop_assert_eq!(cursor.currency, Currency::JPY);
        }

        #[test]
        fn no_query_panics(query in "[a-z0-9_=&%\\[\\]]{0,80}") {
            let _ = AccountListQuery::parse(&query);
        }
    }
}
