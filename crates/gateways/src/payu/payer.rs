//! Who pays, in PayU's words.

use serde_json::{Map, Value, json};
use tender_domain::ports::{Authorize, Browser, SessionPage};

/// What stands for the address of a customer who is away, or of whom nothing is known: PayU wants one with each order.
const NO_ADDRESS: &str = "127.0.0.1";
/// The longest name that PayU takes.
const NAME_CHARS_MAX: usize = 100;

/// From where the customer calls.
pub(super) fn address(request: &Authorize) -> String {
    let browser = request.payer.browser.as_ref();
    browser.and_then(|browser| browser.ip).map_or_else(|| NO_ADDRESS.to_owned(), |ip| ip.to_string())
}

/// Who buys, as far as it is known; `customer` is whose card it is in PayU's books.
pub(super) fn buyer(
    request: &Authorize,
    page: Option<&SessionPage>,
    customer: Option<&str>,
) -> Option<Value> {
    let billing = request.payer.billing.as_ref();
    let email = page.and_then(|page| page.payer_email.as_deref());
    let email = email.or_else(|| billing.and_then(|billing| billing.email.as_deref()));
    let name = page.and_then(|page| page.payer_name.as_deref());
    let name = name.or_else(|| billing.and_then(|billing| billing.name.as_deref())).and_then(names);
    let mut buyer = Map::new();
    for (field, told) in [
        ("extCustomerId", customer),
        ("email", email),
        ("phone", billing.and_then(|billing| billing.phone.as_deref())),
    ] {
        if let Some(told) = told {
            buyer.insert(field.to_owned(), told.into());
        }
    }
    if let Some((first, last)) = name {
        buyer.insert("firstName".to_owned(), first.into());
        buyer.insert("lastName".to_owned(), last.into());
    }
    (!buyer.is_empty()).then_some(Value::Object(buyer))
}

/// The browser, when all is known of it: PayU takes it whole or not at all, and asks for it by itself else.
pub(super) fn browser(browser: &Browser) -> Option<Value> {
    Some(json!({
        "acceptHeaders": browser.accept_header.as_deref()?,
        "requestIP": browser.ip?.to_string(),
        "screenWidth": browser.screen_width?.to_string(),
        "javaEnabled": browser.java_enabled?,
        "timezoneOffset": browser.timezone_offset_minutes?.to_string(),
        "screenHeight": browser.screen_height?.to_string(),
        "userAgent": browser.user_agent.as_deref()?,
        "colorDepth": browser.color_depth?.to_string(),
        "language": browser.language.as_deref().filter(|language| language.len() <= 8)?,
    }))
}

/// First and last name; none for a name of one word.
fn names(name: &str) -> Option<(String, String)> {
    let (first, last) = name.trim().rsplit_once(char::is_whitespace)?;
    let short = |text: &str| text.trim().chars().take(NAME_CHARS_MAX).collect();
    Some((short(first), short(last)))
}
