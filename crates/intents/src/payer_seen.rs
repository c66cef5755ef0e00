//! What this server itself sees of who pays, for the fraud rules and the gateways.

use tender_domain::fraud::RiskSignals;
use tender_domain::kernel::{Caller, Credential};
use tender_domain::ports::{Browser, Payer};
use tender_http::CalledFrom;

/// Whether it is the payer who calls: with no credential but the intent's own, a publishable key or a customer's token.
pub(crate) fn is_payer(caller: &Caller) -> bool {
    match caller.credential {
        Credential::ClientSecret(_) | Credential::PublishableKey(_) | Credential::SandboxDialect => true,
        Credential::Token => caller.only_customer().is_some(),
        Credential::SecretKey(_) | Credential::Service(_) => false,
    }
}

/// What a request shows of its payer, where the payer calls. A storefront's server calls for somebody else, and says itself
/// who pays.
pub(crate) fn seen_of(caller: &Caller, called: &CalledFrom) -> RiskSignals {
    if is_payer(caller) { seen_in_browser(called) } else { RiskSignals::default() }
}

/// What a request of the payer's own browser shows.
pub(crate) fn seen_in_browser(called: &CalledFrom) -> RiskSignals {
    RiskSignals { ip: called.address, user_agent: called.user_agent.clone(), ..RiskSignals::default() }
}

/// Lays what is seen over what a client says: a browser's word of its own address counts for nothing, and neither does
/// the country that it names for another address than the one it has.
pub(crate) fn seen_over_said(seen: RiskSignals, (said, payer): (RiskSignals, Payer)) -> (RiskSignals, Payer) {
    let is_another = |ip| said.ip.is_some_and(|said| said != ip);
    let ip_country = said.ip_country.clone().filter(|_| !seen.ip.is_some_and(is_another));
    let browser = payer.browser.map(|browser| {
        let (ip, user_agent) =
            (seen.ip.or(browser.ip), seen.user_agent.clone().or(browser.user_agent.clone()));
        Box::new(Browser { ip, user_agent, ..*browser })
    });
    (RiskSignals { ip_country, ..said }.with(seen), Payer { browser, ..payer })
}
