//! The types of gateways that a connector can be of, and the function that makes each of its configuration.
//!
//! **How to add one.** Its fields and its function here, and its line in [`TYPES`]. Addresses are the operator's: a
//! tenant says which account is called, never where.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tender_domain::connectors::{Connector, Credentials, GatewayField, GatewayType};
use tender_domain::ports::PaymentGateway;
use tender_gateways::{
    AdyenGateway, AdyenOptions, AdyenReports, NamedAccount, PayPalGateway, PayPalOptions, PayUGateway,
    PayUOptions, SaferpayGateway, SaferpayOptions, SimulatedAnswer, SquareGateway, SquareOptions,
    StripeGateway, StripeOptions, WorldpayGateway, WorldpayOptions,
};
use tender_settings::Settings;

use crate::SystemClock;

/// What a gateway is made of.
pub(super) struct Account<'a> {
    pub(super) settings: &'a Settings,
    pub(super) connector: &'a Connector,
    pub(super) secrets: &'a Credentials,
    /// The simulated gateway, in the sandbox.
    pub(super) simulator: Option<&'a Arc<dyn PaymentGateway>>,
}

type Made = Result<Arc<dyn PaymentGateway>, String>;

/// A type, with what makes it.
pub(super) struct Kind {
    pub(super) told: GatewayType,
    pub(super) make: fn(&Account<'_>) -> Made,
}

const fn field(name: &'static str, secret: bool, required: bool) -> GatewayField {
    GatewayField { name, secret, required, account: false }
}

/// What names the account.
const fn account(name: &'static str, required: bool) -> GatewayField {
    GatewayField { name, secret: false, required, account: true }
}

/// Every type.
pub(super) const TYPES: &[Kind] = &[
    Kind {
        told: GatewayType {
            name: "stripe",
            fields: &[
                field("secret_key", true, true),
                field("webhook_secret", true, false),
                field("return_url", false, false),
            ],
        },
        make: stripe,
    },
    Kind {
        told: GatewayType {
            name: "adyen",
            fields: &[
                field("api_key", true, true),
                field("hmac_key", true, false),
                field("report_key", true, false),
                field("first_settlement_batch", false, false),
                account("merchant_account", true),
                field("return_url", false, false),
                account("live_prefix", false),
            ],
        },
        make: adyen,
    },
    Kind {
        told: GatewayType {
            name: "paypal",
            fields: &[
                field("client_secret", true, true),
                account("client_id", true),
                field("return_url", false, false),
                field("webhook_id", false, false),
            ],
        },
        make: paypal,
    },
    Kind {
        told: GatewayType {
            name: "worldpay",
            fields: &[
                field("password", true, true),
                field("event_keys", true, false),
                field("username", false, true),
                account("entity", true),
                field("narrative", false, true),
                field("return_url", false, false),
                field("account_number", false, false),
            ],
        },
        make: worldpay,
    },
    Kind {
        told: GatewayType {
            name: "square",
            fields: &[
                field("access_token", true, true),
                field("signature_key", true, false),
                account("location_id", true),
                field("notification_url", false, false),
                field("return_url", false, false),
            ],
        },
        make: square,
    },
    Kind {
        told: GatewayType {
            name: "saferpay",
            fields: &[
                field("password", true, true),
                field("username", false, true),
                account("customer_id", true),
                account("terminal_id", true),
                field("return_url", false, false),
            ],
        },
        make: saferpay,
    },
    Kind {
        told: GatewayType {
            name: "payu",
            fields: &[
                field("client_secret", true, true),
                field("second_key", true, false),
                account("pos_id", true),
                field("notify_url", false, false),
                field("return_url", false, false),
                field("statement_columns", false, false),
            ],
        },
        make: payu,
    },
    Kind {
        told: GatewayType { name: SIMULATOR, fields: &[field("answers", false, false)] },
        make: simulator,
    },
];

/// The type that is there in the sandbox alone.
pub(super) const SIMULATOR: &str = "simulator";

impl Account<'_> {
    fn config(&self, name: &str) -> Option<&String> {
        self.connector.config.get(name).filter(|value| !value.is_empty())
    }

    fn secret(&self, name: &str) -> Result<SecretString, String> {
        self.secrets.get(name).cloned().ok_or_else(|| format!("`{name}` is not set"))
    }

    fn needed(&self, name: &str) -> Result<&str, String> {
        self.config(name).map(String::as_str).ok_or_else(|| format!("`{name}` is needed"))
    }

    /// Where customers come back to; it is a browser that goes there.
    fn return_url(&self) -> Result<Option<String>, String> {
        match self.config("return_url") {
            Some(url) if !url.starts_with("https://") => {
                Err("`return_url` must begin with https://".to_owned())
            }
            url => Ok(url.cloned()),
        }
    }

    fn deadline(&self) -> Duration {
        Duration::from_millis(self.settings.gateways.call_timeout_millis)
    }
}

fn made<G: PaymentGateway + 'static, E: std::fmt::Display>(gateway: Result<G, E>) -> Made {
    match gateway {
        Ok(gateway) => Ok(Arc::new(gateway)),
        Err(error) => Err(error.to_string()),
    }
}

fn stripe(account: &Account<'_>) -> Made {
    let key = account.secret("secret_key")?;
    // A key says which money it moves; the wrong one for the connector is refused before it moves any.
    let kind = ["sk_", "rk_"].iter().find_map(|prefix| key.expose_secret().strip_prefix(prefix));
    let (wanted, live) = if account.connector.livemode { ("live_", true) } else { ("test_", false) };
    if !kind.is_some_and(|kind| kind.starts_with(wanted)) {
        let word = if live { "live" } else { "test" };
        return Err(format!(
            "`secret_key` must be a {word} key (sk_{wanted}…, rk_{wanted}…), as the key that registers it"
        ));
    }
    let options = StripeOptions {
        webhook_secret: account.secrets.get("webhook_secret").cloned(),
        return_url: account.return_url()?,
        deadline: account.deadline(),
        ..StripeOptions::new(&*account.settings.gateways.stripe.api_base, key)
    };
    made(StripeGateway::new(options))
}

fn adyen(account: &Account<'_>) -> Made {
    let name = account.needed("merchant_account")?;
    let base = match (account.config("live_prefix"), account.connector.livemode) {
        (Some(prefix), true) if prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => {
            format!("https://{prefix}-checkout-live.adyenpayments.com/checkout")
        }
        (Some(_), true) => return Err("`live_prefix` is made of letters, digits and hyphens".to_owned()),
        (None, true) => return Err("`live_prefix` is needed where live money moves".to_owned()),
        (Some(_), false) => return Err("`live_prefix` leads to live money; leave it out".to_owned()),
        (None, false) => account.settings.gateways.adyen.test_api_base.clone(),
    };
    let options = AdyenOptions {
        hmac_key: account.secrets.get("hmac_key").cloned(),
        reports: adyen_reports(account)?,
        deadline: account.deadline(),
        return_url: account.return_url()?,
        ..AdyenOptions::new(base, account.secret("api_key")?, name, "")
    };
    made(AdyenGateway::new(options))
}

fn adyen_reports(account: &Account<'_>) -> Result<Option<AdyenReports>, String> {
    let Some(key) = account.secrets.get("report_key").cloned() else { return Ok(None) };
    let bad = |_| "`first_settlement_batch` is a number".to_owned();
    let first_batch = account.config("first_settlement_batch").map(|text| text.parse()).transpose();
    let base = match account.connector.livemode {
        true => "https://ca-live.adyen.com".to_owned(),
        false => account.settings.gateways.adyen.reports_base(),
    };
    Ok(Some(AdyenReports { base, key, first_batch: first_batch.map_err(bad)?.unwrap_or(1) }))
}

fn paypal(account: &Account<'_>) -> Made {
    let settings = &account.settings.gateways.paypal;
    let client_id = account.config("client_id").ok_or("`client_id` is needed")?;
    let options = PayPalOptions {
        return_url: account.return_url()?,
        webhook_id: account.config("webhook_id").cloned(),
        webhook_roots: settings.webhook_roots().map_err(|error| error.to_string())?,
        deadline: account.deadline(),
        ..PayPalOptions::new(
            settings.api_base(account.connector.livemode),
            client_id.as_str(),
            account.secret("client_secret")?,
        )
    };
    made(PayPalGateway::new(options))
}

fn worldpay(account: &Account<'_>) -> Made {
    let settings = &account.settings.gateways.worldpay;
    let options = WorldpayOptions {
        event_keys: account.secrets.get("event_keys").cloned(),
        return_url: account.return_url()?,
        account_number: account.config("account_number").cloned(),
        deadline: account.deadline(),
        ..WorldpayOptions::new(
            settings.api_base(account.connector.livemode),
            account.needed("username")?,
            account.secret("password")?,
            account.needed("entity")?,
            account.needed("narrative")?,
        )
    };
    made(WorldpayGateway::new(options, Arc::new(SystemClock)))
}

/// `notification_url` is never called: Square signs it with each webhook, so that it must be as in Square's dashboard.
fn square(account: &Account<'_>) -> Made {
    let settings = &account.settings.gateways.square;
    let options = SquareOptions {
        signature_key: account.secrets.get("signature_key").cloned(),
        notification_url: account.config("notification_url").cloned(),
        return_url: account.return_url()?,
        deadline: account.deadline(),
        ..SquareOptions::new(
            settings.api_base(account.connector.livemode),
            account.secret("access_token")?,
            account.needed("location_id")?,
        )
    };
    made(SquareGateway::new(options))
}

fn saferpay(account: &Account<'_>) -> Made {
    let settings = &account.settings.gateways.saferpay;
    let options = SaferpayOptions {
        return_url: account.return_url()?,
        deadline: account.deadline(),
        ..SaferpayOptions::new(
            settings.api_base(account.connector.livemode),
            account.needed("username")?,
            account.secret("password")?,
            account.needed("customer_id")?,
            account.needed("terminal_id")?,
        )
    };
    made(SaferpayGateway::new(options))
}

/// `notify_url` is told to PayU with each order, which calls it from where it is: no call of ours.
fn payu(account: &Account<'_>) -> Made {
    let settings = &account.settings.gateways.payu;
    let options = PayUOptions {
        second_key: account.secrets.get("second_key").cloned(),
        notify_url: account.config("notify_url").cloned(),
        return_url: account.return_url()?,
        statement_columns: account.config("statement_columns").cloned(),
        deadline: account.deadline(),
        ..PayUOptions::new(
            settings.api_base(account.connector.livemode),
            account.needed("pos_id")?,
            account.secret("client_secret")?,
        )
    };
    made(PayUGateway::new(options, Arc::new(SystemClock)))
}

/// The sandbox's simulated gateway under the connector's name, if it is told to with one answer to all.
fn simulator(account: &Account<'_>) -> Made {
    let Some(gateway) = account.simulator else {
        return Err("there is no simulated gateway in production".to_owned());
    };
    let named = NamedAccount::new(&*account.connector.name, Arc::clone(gateway));
    match account.config("answers").map(|text| (text, SimulatedAnswer::find(text))) {
        None => Ok(Arc::new(named)),
        Some((_, Some(answer))) => Ok(Arc::new(named.answering(answer))),
        Some((text, None)) => {
            let known: Vec<_> = SimulatedAnswer::ALL.iter().map(|answer| answer.as_str()).collect();
            Err(format!("`answers` is {text:?}; it is one of {}, or left out", known.join(", ")))
        }
    }
}

/// The types of this environment.
pub(super) fn types(is_production: bool) -> Vec<GatewayType> {
    let there = TYPES.iter().filter(|kind| !is_production || kind.told.name != SIMULATOR);
    there.map(|kind| kind.told).collect()
}

/// By name.
pub(super) fn makers() -> BTreeMap<&'static str, fn(&Account<'_>) -> Made> {
    TYPES.iter().map(|kind| (kind.told.name, kind.make)).collect()
}

#[cfg(test)]
mod tests;
