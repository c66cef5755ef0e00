//! Payment links and the hosted payment page.

use serde::Deserialize;

/// Payment links.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Where customers' browsers reach the payment page (`https://pay.example.com`), without a slash at its end. Unset:
    /// links have the address by which the request that made them came in.
    pub public_url: Option<String>,
}
