//! What Worldpay knows of a payment of ours, asked for by its name: how it stands and what can be done with it.

use std::collections::BTreeMap;

use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::GatewayError;

use super::answer::refusal;
use super::call::{Connection, WHO};
use super::request;
use super::wire::{Found, Standing, Value};
use crate::minor_units::{from_gateway, iso};

/// What can be done with a payment, by the two words that Worldpay's APIs have for it.
pub(super) const SETTLE: [&str; 2] = ["partialSettle", "partiallySettlePayment"];
pub(super) const CANCEL: [&str; 2] = ["cancel", "cancelPayment"];
pub(super) const REFUND: [&str; 2] = ["partialRefund", "partiallyRefundPayment"];

/// A payment as it stands.
pub(super) struct Known {
    /// What happened to it last, in lower case without spaces (`sentforsettlement`).
    pub(super) last_event: String,
    hrefs: BTreeMap<String, String>,
}

impl Known {
    /// The address for one of these words.
    pub(super) fn href(&self, words: [&str; 2]) -> Option<&str> {
        words.iter().find_map(|word| self.hrefs.get(*word)).map(String::as_str)
    }

    fn of(standing: Standing) -> Self {
        let last =
            standing.last_event.or_else(|| standing.events.into_iter().rev().find_map(|one| one.event_name));
        let named = standing.links.into_iter().chain(standing.actions);
        let hrefs = named.filter_map(|(name, link)| {
            // `cardPayments:cancel`, `payments:cancel`, `cancelPayment`.
            let word = name.rsplit(':').next()?.to_owned();
            // The address alone, or in an object; what is neither is no link.
            let href = link.as_str().or_else(|| link["href"].as_str())?;
            Some((word, href.to_owned()))
        });
        Self { last_event: plain(&last.unwrap_or_default()), hrefs: hrefs.collect() }
    }
}

/// A payment as the search shows it.
pub(super) struct Shown {
    pub(super) id: Option<String>,
    pub(super) amount: Option<Money>,
}

/// How the payment of this name stands; none when Worldpay does not show it, or not yet.
///
/// # Errors
/// Whatever keeps from asking.
pub(super) async fn known(
    connection: &Connection,
    name: &str,
    entity: &str,
) -> Result<Option<Known>, GatewayError> {
    let answer = connection.get(&request::standing(name, entity)).await?;
    if answer.is_success() {
        return answer.json(WHO).map(Known::of).map(Some);
    }
    if answer.status != 404 {
        return Err(refusal(&answer));
    }
    // What the quick way does not know, the slow one may.
    let Some(Shown { id: Some(id), .. }) = shown(connection, name).await? else { return Ok(None) };
    if !id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return Err(GatewayError::Unknown("Worldpay's payment has no id".to_owned()));
    }
    let answer = connection.get(&format!("paymentQueries/payments/{id}")).await?;
    match answer.status {
        404 => Ok(None),
        _ if answer.is_success() => answer.json(WHO).map(Known::of).map(Some),
        _ => Err(refusal(&answer)),
    }
}

/// What the search shows of the payment of this name; it may be a quarter of an hour behind.
///
/// # Errors
/// Whatever keeps from asking.
pub(super) async fn shown(connection: &Connection, name: &str) -> Result<Option<Shown>, GatewayError> {
    let answer = connection.get(&request::search(name)).await?;
    if answer.status == 404 {
        return Ok(None);
    }
    if !answer.is_success() {
        return Err(refusal(&answer));
    }
    let found: Found = answer.json(WHO)?;
    let own = found.embedded.payments.into_iter().find(|one| one.transaction_reference == name);
    Ok(own.map(|one| Shown { id: one.payment_id, amount: one.value.and_then(|value| amount(&value)) }))
}

fn amount(value: &Value) -> Option<Money> {
    let currency: Currency = value.currency.parse().ok()?;
    from_gateway(value.amount, currency, iso(currency)?)
}

fn plain(event: &str) -> String {
    event.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_done_is_found_in_the_words_of_either_api() {
        for said in [
            r#"{"lastEvent":"Sent for Settlement","_links":{"cardPayments:partialRefund":"/payments/a"}}"#,
            r#"{"lastEvent":"sentForSettlement","_links":{"payments:partialRefund":{"href":"/payments/a"},
                "curies":[{"name":"payments","href":"/rels/{rel}"}]}}"#,
            r#"{"events":[{"eventName":"authorized"},{"eventName":"sentForSettlement"}],
                "_actions":{"partiallyRefundPayment":{"href":"/payments/a","method":"POST"}}}"#,
        ] {
            let known = Known::of(serde_json::from_str(said).expect("Worldpay's words"));
            assert_eq!((known.href(REFUND), known.href(CANCEL)), (Some("/payments/a"), None), "{said}");
            assert_eq!(known.last_event, "sentforsettlement");
        }
    }
}
