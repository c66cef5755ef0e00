//! Who pays, as the client tells it: for the gateways that take it and for fraud. Personal, so nothing of it is printed.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use crate::vault::Address;

/// What is known of who pays. Kept with the intent, and the same for each of its attempts until a confirmation tells it
/// anew. In boxes: most payments tell nothing of it, and an intent is moved often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Payer {
    /// Whom the bill is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Box<Contact>>,
    /// Where what was bought goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Box<Contact>>,
    /// The browser it is paid in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<Box<Browser>>,
}

/// A person or firm with an address.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// First and last name, or the firm's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// What EMV 3-D Secure asks of a browser (EMVCo 3DS 2, browser information).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Browser {
    /// From where it calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// What it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Its header `Accept`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_header: Option<String>,
    /// Its language (BCP 47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Bits of a colour of its screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color_depth: Option<u32>,
    /// Height of its screen, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_height: Option<u32>,
    /// Width of its screen, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_width: Option<u32>,
    /// Minutes from its local time to UTC: -60 in Berlin in winter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone_offset_minutes: Option<i32>,
    /// Whether it runs Java.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub java_enabled: Option<bool>,
    /// Whether it runs JavaScript.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub javascript_enabled: Option<bool>,
}

impl Payer {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// With what is newly told in the place of what was told before.
    #[must_use]
    pub fn with(self, newer: Self) -> Self {
        Self {
            billing: newer.billing.or(self.billing),
            shipping: newer.shipping.or(self.shipping),
            browser: newer.browser.or(self.browser),
        }
    }
}

impl Contact {
    /// Its country, if it is known: ISO 3166-1 alpha-2.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.address.as_ref()?.country.as_deref()
    }
}

/// Printed as its name alone: what it holds is a person's.
macro_rules! not_printed {
    ($($personal:ty),*) => {$(
        impl fmt::Debug for $personal {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(concat!(stringify!($personal), "(not printed)"))
            }
        }
    )*};
}

not_printed!(Contact, Browser);

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(name: &str, country: &str) -> Box<Contact> {
        let address = Address { country: Some(country.to_owned()), ..Address::default() };
        Box::new(Contact { name: Some(name.to_owned()), address: Some(address), ..Contact::default() })
    }

    #[test]
    fn what_is_newly_told_takes_the_place_of_the_old_and_the_rest_stays() {
        let before = Payer {
            billing: Some(contact("Ada", "DE")),
            shipping: Some(contact("Ada", "DE")),
            browser: None,
        };
        let newer = Payer { shipping: Some(contact("Bob", "FR")), ..Payer::default() };
        let after = before.clone().with(newer);
        assert_eq!(after.billing, before.billing);
        assert_eq!(after.shipping.as_deref().and_then(Contact::country), Some("FR"));
    }

    #[test]
    fn nothing_personal_is_printed() {
        let payer = Payer {
            billing: Some(contact("Ada", "DE")),
            browser: Some(Box::new(Browser { user_agent: Some("Lynx".into()), ..Browser::default() })),
            ..Payer::default()
        };
        let printed = format!("{payer:?}");
        assert!(!["Ada", "DE", "Lynx"].iter().any(|text| printed.contains(text)), "{printed}");
    }

    #[test]
    fn it_is_kept_narrow_and_read_again_as_it_was() {
        assert_eq!(serde_json::to_string(&Payer::default()).expect("JSON"), "{}");
        let payer = Payer { billing: Some(contact("Ada", "DE")), ..Payer::default() };
        let text = serde_json::to_string(&payer).expect("JSON");
        assert_eq!(text, r#"{"billing":{"name":"Ada","address":{"country":"DE"}}}"#);
        assert_eq!(serde_json::from_str::<Payer>(&text).expect("JSON"), payer);
    }
}
