//! Who pays, in Adyen's words.

use serde_json::{Map, Value, json};
use tender_domain::ports::{Address, Browser, Payer};

/// What Adyen wants for a house number that stands in the street already.
const NO_HOUSE_NUMBER: &str = "N/A";
/// Where Adyen wants a state with an address, of two letters.
const WITH_STATE: [&str; 2] = ["US", "CA"];

/// Adds to a payment what is known of who pays.
pub(super) fn add(body: &mut Value, payer: &Payer) {
    if let Some(billing) = &payer.billing {
        let address = billing.address.as_ref().and_then(address);
        for (name, told) in [
            ("shopperEmail", billing.email.as_deref().map(Value::from)),
            ("telephoneNumber", billing.phone.as_deref().map(Value::from)),
            ("shopperName", billing.name.as_deref().and_then(name)),
            ("billingAddress", address),
        ] {
            if let Some(told) = told {
                body[name] = told;
            }
        }
    }
    let delivery = payer.shipping.as_ref().and_then(|shipping| shipping.address.as_ref());
    if let Some(address) = delivery.and_then(address) {
        body["deliveryAddress"] = address;
    }
    if let Some(browser) = &payer.browser {
        if let Some(ip) = browser.ip {
            body["shopperIP"] = ip.to_string().into();
        }
        if let Some(info) = browser_info(browser) {
            body["browserInfo"] = info;
        }
    }
}

/// An address that is whole: Adyen refuses a payment for one that is not.
fn address(address: &Address) -> Option<Value> {
    let country = address.country.as_deref()?;
    let state = address.state.as_deref();
    if WITH_STATE.contains(&country) && state.is_none_or(|state| state.len() != 2) {
        return None;
    }
    let mut told = json!({
        "street": address.line1.as_deref()?,
        "houseNumberOrName": address.line2.as_deref().unwrap_or(NO_HOUSE_NUMBER),
        "city": address.city.as_deref()?,
        "postalCode": address.postal_code.as_deref()?,
        "country": country,
    });
    if let Some(state) = state {
        told["stateOrProvince"] = state.into();
    }
    Some(told)
}

/// First and last name; none for a name of one word.
fn name(whole: &str) -> Option<Value> {
    let (first, last) = whole.trim().rsplit_once(' ')?;
    Some(json!({"firstName": first.trim_end(), "lastName": last}))
}

/// A browser that is whole enough for 3-D Secure; none otherwise.
fn browser_info(browser: &Browser) -> Option<Value> {
    let mut info = Map::new();
    let mut tell = |name: &str, told: Value| info.insert(name.to_owned(), told);
    tell("acceptHeader", browser.accept_header.as_deref()?.into());
    tell("userAgent", browser.user_agent.as_deref()?.into());
    tell("language", browser.language.as_deref()?.into());
    tell("colorDepth", browser.color_depth?.into());
    tell("screenHeight", browser.screen_height?.into());
    tell("screenWidth", browser.screen_width?.into());
    tell("timeZoneOffset", browser.timezone_offset_minutes?.into());
    tell("javaEnabled", browser.java_enabled.unwrap_or(false).into());
    if let Some(runs) = browser.javascript_enabled {
        tell("javaScriptEnabled", runs.into());
    }
    Some(Value::Object(info))
}
