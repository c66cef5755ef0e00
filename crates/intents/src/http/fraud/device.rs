//! What clients tell of the customer's device and addresses.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use tender_domain::fraud::RiskSignals;
use tender_domain::ports::Browser;
use tender_http::Problem;
use utoipa::ToSchema;

use crate::http::payer_body::BrowserBody;
use crate::http::request::{reference, text};

const USER_AGENT_CHARS: usize = 500;

/// The customer's device; the fraud rules look at it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Device)]
pub(in crate::http) struct DeviceBody {
    /// From where the customer comes.
    #[schema(example = "203.0.113.7")]
    ip: Option<String>,
    /// The country of that address, when you looked it up: ISO 3166-1, two letters.
    #[schema(example = "DE")]
    ip_country: Option<String>,
    /// What your own script calls the device.
    fingerprint: Option<String>,
    /// What the browser calls itself.
    user_agent: Option<String>,
    /// What authentication asks of the browser beside.
    browser: Option<BrowserBody>,
}

impl DeviceBody {
    /// Lays what is seen over what is said: the country of another address counts for nothing then.
    pub(in crate::http) fn see(&mut self, seen: &RiskSignals) {
        if let Some(ip) = seen.ip {
            let is_another = self.ip.as_ref().is_some_and(|said| said.parse() != Ok(ip));
            self.ip_country = self.ip_country.take().filter(|_| !is_another);
            self.ip = Some(ip.to_string());
        }
        if let Some(agent) = &seen.user_agent {
            self.user_agent = Some(agent.clone());
        }
    }

    /// What fraud looks at, and the browser for authentication.
    pub(in crate::http) fn into_parts(self) -> Result<(RiskSignals, Option<Browser>), Problem> {
        let browser = self.browser.map(BrowserBody::into_browser).transpose()?;
        let signals = RiskSignals {
            ip: ip("/device/ip", self.ip.as_deref())?,
            ip_country: country("/device/ip_country", self.ip_country)?,
            device_fingerprint: reference("/device/fingerprint", self.fingerprint)?,
            user_agent: text("/device/user_agent", self.user_agent, USER_AGENT_CHARS)?,
            ..RiskSignals::default()
        };
        let (ip, user_agent) = (signals.ip, signals.user_agent.clone());
        Ok((signals, browser.map(|browser| Browser { ip, user_agent, ..browser })))
    }
}

pub(super) fn ip(pointer: &str, given: Option<&str>) -> Result<Option<IpAddr>, Problem> {
    let parsed = given.map(|text| text.parse::<IpAddr>()).transpose();
    parsed.map_err(|_| {
        Problem::bad_request("invalid_ip", "an address on the network is IPv4 or IPv6, without a port")
            .pointer(pointer, "must be an IPv4 or IPv6 address")
    })
}

pub(in crate::http) fn country(pointer: &str, given: Option<String>) -> Result<Option<String>, Problem> {
    let is_code = |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    match given {
        Some(text) if !is_code(&text) => {
            Err(Problem::bad_request("invalid_country", "a country is two upper-case letters of ISO 3166-1")
                .pointer(pointer, "must be two upper-case letters, such as DE"))
        }
        given => Ok(given),
    }
}
