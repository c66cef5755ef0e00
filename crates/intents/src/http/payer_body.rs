//! `billing_details`, `shipping` and `device.browser`: who pays, as the client tells it, and what of it is shown.

use std::fmt;

use serde::{Deserialize, Serialize};
use tender_domain::fraud::RiskSignals;
use tender_domain::ports::{Address, Browser, Contact, Payer};
use tender_http::Problem;
use utoipa::ToSchema;

use super::fraud::{DeviceBody, country};
use super::request::text;

const NAME_CHARS: usize = 200;
const EMAIL_CHARS: usize = 254;
const PHONE_CHARS: usize = 32;
const LINE_CHARS: usize = 200;
const CITY_CHARS: usize = 100;
const POSTAL_CODE_CHARS: usize = 20;
const ACCEPT_CHARS: usize = 500;
const LANGUAGE_CHARS: usize = 35;
/// The most pixels of a side, and bits of a colour, that a screen has.
const PIXELS_MAX: u32 = 999_999;
const COLOR_BITS_MAX: u32 = 48;
/// Half a day and a bit: no place is farther from UTC.
const OFFSET_MINUTES_MAX: i32 = 840;

/// A person or firm with an address. It is handed to the gateways that take it, kept with the intent, and shown masked.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactDetails)]
pub(super) struct ContactBody {
    /// First and last name, or the firm's; at most 200 characters.
    #[schema(example = "Ada Byron")]
    name: Option<String>,
    /// E-mail address, at most 254 characters.
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    /// Telephone number: digits, spaces and `+ - ( ) . /`, at most 32 characters.
    #[schema(example = "+49 30 123456")]
    phone: Option<String>,
    /// Postal address.
    address: Option<AddressBody>,
}

/// A postal address.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PostalAddress)]
struct AddressBody {
    /// Street with number, or post box; at most 200 characters.
    #[schema(example = "Hauptstrasse 7")]
    line1: Option<String>,
    /// Flat, floor, building; at most 200 characters.
    line2: Option<String>,
    /// City, town or village; at most 100 characters.
    #[schema(example = "Berlin")]
    city: Option<String>,
    /// State, province or county; at most 100 characters.
    state: Option<String>,
    /// Postal code, at most 20 characters.
    #[schema(example = "10115")]
    postal_code: Option<String>,
    /// ISO 3166-1, two letters; also what fraud's rules compare.
    #[schema(example = "DE")]
    country: Option<String>,
}

/// What EMV 3-D Secure asks of a browser.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeviceBrowser)]
pub(super) struct BrowserBody {
    /// Its header `Accept`, at most 500 characters.
    #[schema(example = "text/html")]
    accept_header: Option<String>,
    /// Its language, at most 35 characters.
    #[schema(example = "de-DE")]
    language: Option<String>,
    /// Bits of a colour of its screen.
    #[schema(minimum = 1, maximum = 48, example = 24)]
    color_depth: Option<u32>,
    /// In pixels.
    #[schema(maximum = 999_999, example = 1080)]
    screen_height: Option<u32>,
    /// In pixels.
    #[schema(maximum = 999_999, example = 1920)]
    screen_width: Option<u32>,
    /// Minutes from its local time to UTC, as `getTimezoneOffset()` says.
    #[schema(minimum = -840, maximum = 840, example = -60)]
    timezone_offset: Option<i32>,
    /// Whether it runs Java.
    java_enabled: Option<bool>,
    /// Whether it runs JavaScript.
    javascript_enabled: Option<bool>,
}

/// Whom a payment is billed to or sent to, as it is shown: first letters, last digits, the country.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MaskedContact)]
pub(super) struct MaskedContact {
    /// The first letter.
    #[schema(example = "A…")]
    name: Option<String>,
    /// The first letter, and where it is.
    #[schema(example = "a…@example.com")]
    email: Option<String>,
    /// The last two digits.
    #[schema(example = "…56")]
    phone: Option<String>,
    /// ISO 3166-1, two letters.
    #[schema(example = "DE")]
    country: Option<String>,
}

/// What a client tells of who pays, checked: what fraud looks at, and what gateways get.
///
/// # Errors
/// 400 for what is too long or malformed, 422 for what holds a card number.
pub(super) fn told(
    device: Option<DeviceBody>,
    billing: Option<ContactBody>,
    shipping: Option<ContactBody>,
) -> Result<(RiskSignals, Payer), Problem> {
    let (signals, browser) = device.map(DeviceBody::into_parts).transpose()?.unwrap_or_default();
    let payer = Payer {
        billing: billing.map(|body| body.into_contact("/billing_details")).transpose()?.map(Box::new),
        shipping: shipping.map(|body| body.into_contact("/shipping")).transpose()?.map(Box::new),
        browser: browser.map(Box::new),
    };
    let country =
        |contact: &Option<Box<Contact>>| contact.as_deref().and_then(Contact::country).map(str::to_owned);
    let signals = RiskSignals {
        billing_country: country(&payer.billing),
        shipping_country: country(&payer.shipping),
        ..signals
    };
    Ok((signals, payer))
}

impl ContactBody {
    fn into_contact(self, at: &str) -> Result<Contact, Problem> {
        let email = text(&format!("{at}/email"), self.email, EMAIL_CHARS)?;
        if email.as_deref().is_some_and(|email| !is_email(email)) {
            return Err(malformed(
                &format!("{at}/email"),
                "must be an e-mail address, such as ada@example.com",
            ));
        }
        let phone = text(&format!("{at}/phone"), self.phone, PHONE_CHARS)?;
        let is_part = |c: char| c.is_ascii_digit() || " +-()./".contains(c);
        if phone.as_deref().is_some_and(|phone| phone.is_empty() || !phone.chars().all(is_part)) {
            return Err(malformed(&format!("{at}/phone"), "must hold digits, spaces and + - ( ) . / only"));
        }
        let address =
            self.address.map(|address| address.into_address(&format!("{at}/address"))).transpose()?;
        Ok(Contact { name: line(&format!("{at}/name"), self.name, NAME_CHARS)?, email, phone, address })
    }
}

impl AddressBody {
    fn into_address(self, at: &str) -> Result<Address, Problem> {
        let part = |name: &str, given, chars| line(&format!("{at}/{name}"), given, chars);
        Ok(Address {
            line1: part("line1", self.line1, LINE_CHARS)?,
            line2: part("line2", self.line2, LINE_CHARS)?,
            city: part("city", self.city, CITY_CHARS)?,
            state: part("state", self.state, CITY_CHARS)?,
            postal_code: part("postal_code", self.postal_code, POSTAL_CODE_CHARS)?,
            country: country(&format!("{at}/country"), self.country)?,
        })
    }
}

impl BrowserBody {
    /// The browser, with what the device tells of it beside. Its fields are at `/device/browser`.
    pub(super) fn into_browser(self) -> Result<Browser, Problem> {
        let at = |name: &str| format!("/device/browser/{name}");
        let within = |name: &str, given: Option<u32>, min: u32, max: u32| match given {
            Some(number) if !(min..=max).contains(&number) => {
                Err(malformed(&at(name), &format!("must be from {min} to {max}")))
            }
            given => Ok(given),
        };
        let offset = self.timezone_offset;
        if offset.is_some_and(|minutes| !(-OFFSET_MINUTES_MAX..=OFFSET_MINUTES_MAX).contains(&minutes)) {
            let range = format!("must be from -{OFFSET_MINUTES_MAX} to {OFFSET_MINUTES_MAX}");
            return Err(malformed(&at("timezone_offset"), &range));
        }
        Ok(Browser {
            ip: None,
            user_agent: None,
            accept_header: line(&at("accept_header"), self.accept_header, ACCEPT_CHARS)?,
            language: line(&at("language"), self.language, LANGUAGE_CHARS)?,
            color_depth: within("color_depth", self.color_depth, 1, COLOR_BITS_MAX)?,
            screen_height: within("screen_height", self.screen_height, 0, PIXELS_MAX)?,
            screen_width: within("screen_width", self.screen_width, 0, PIXELS_MAX)?,
            timezone_offset_minutes: offset,
            java_enabled: self.java_enabled,
            javascript_enabled: self.javascript_enabled,
        })
    }
}

impl From<&Contact> for MaskedContact {
    fn from(contact: &Contact) -> Self {
        let first = |text: &str| text.chars().next().map(|letter| format!("{letter}…"));
        let email = |email: &str| {
            let (user, domain) = email.split_once('@')?;
            Some(format!("{}@{domain}", first(user)?))
        };
        let phone = |phone: &str| {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            format!("…{}", &digits[digits.len().saturating_sub(2)..])
        };
        Self {
            name: contact.name.as_deref().and_then(first),
            email: contact.email.as_deref().and_then(email),
            phone: contact.phone.as_deref().map(phone),
            country: contact.country().map(str::to_owned),
        }
    }
}

/// A text of one line: gateways put it into headers and forms.
fn line(pointer: &str, given: Option<String>, chars_max: usize) -> Result<Option<String>, Problem> {
    if given.as_ref().is_some_and(|text| text.chars().any(char::is_control)) {
        return Err(malformed(pointer, "must not hold control characters, such as a line's end"));
    }
    text(pointer, given, chars_max)
}

/// One `@` with a name before it and a host with a dot behind it: no mail is sent to it by us.
fn is_email(text: &str) -> bool {
    let plain = |c: char| c.is_control() || c.is_whitespace();
    let parts = text.split_once('@').filter(|_| !text.contains(plain));
    parts.is_some_and(|(user, host)| {
        !user.is_empty()
            && host.contains('.')
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    })
}

fn malformed(pointer: &str, why: &str) -> Problem {
    Problem::bad_request("invalid_details", format!("{pointer} {why}")).pointer(pointer, why)
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

not_printed!(ContactBody, AddressBody, BrowserBody);

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: serde_json::Value) -> u16 {
        let body: ContactBody = serde_json::from_value(body).expect("the fields are known");
        body.into_contact("/billing_details").err().map_or(200, |problem| problem.status())
    }

    #[test]
    fn what_is_malformed_too_long_or_a_card_number_is_refused() {
        for (body, status) in [
            (serde_json::json!({"email": "ada@example.com", "phone": "+49 (30) 12-34"}), 200),
            (serde_json::json!({"email": "ada"}), 400),
            (serde_json::json!({"email": "ada@.com"}), 400),
            (serde_json::json!({"email": "a b@example.com"}), 400),
            (serde_json::json!({"phone": "ring twice"}), 400),
            (serde_json::json!({"name": "Ada\nBcc: all"}), 400),
            (serde_json::json!({"name": "x".repeat(201)}), 400),
            (serde_json::json!({"name": "4242 4242 4242 4242"}), 422),
            (serde_json::json!({"address": {"country": "Germany"}}), 400),
            (serde_json::json!({"address": {"line1": "4242424242424242"}}), 422),
        ] {
            assert_eq!(refused(body.clone()), status, "{body}");
        }
    }

    #[test]
    fn a_browser_is_one_that_can_be() {
        let browser = |body: serde_json::Value| {
            serde_json::from_value::<BrowserBody>(body).expect("the fields are known").into_browser()
        };
        assert!(browser(serde_json::json!({"color_depth": 24, "timezone_offset": -60})).is_ok());
        assert!(browser(serde_json::json!({"color_depth": 0})).is_err());
        assert!(browser(serde_json::json!({"timezone_offset": 841})).is_err());
    }

    #[test]
    fn what_is_shown_is_masked() {
        let contact = Contact {
            name: Some("Ada Byron".into()),
            email: Some("ada@example.com".into()),
            phone: Some("+49 30 123456".into()),
            address: Some(Address {
                country: Some("DE".into()),
                line1: Some("Weg 1".into()),
                ..Address::default()
            }),
        };
        let shown = serde_json::to_value(MaskedContact::from(&contact)).expect("JSON");
        let masked =
            serde_json::json!({"name": "A…", "email": "a…@example.com", "phone": "…56", "country": "DE"});
        assert_eq!(shown, masked);
    }
}
