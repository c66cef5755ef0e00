//! Who called: from which address, and with what.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, USER_AGENT};
use actix_web::{FromRequest, HttpRequest, web};
use ipnet::{IpNet, Ipv4Net};

/// The longest name of a browser that is looked at, in characters.
const USER_AGENT_CHARS_MAX: usize = 500;

/// The networks in which what stands in front of us is: what a connection from there says of who called is believed, of
/// every other nothing is. Without another word those of this machine alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl Default for TrustedProxies {
    fn default() -> Self {
        let four = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
        Self(Arc::new([four.into(), IpAddr::from(Ipv6Addr::LOCALHOST).into()]))
    }
}

impl TrustedProxies {
    /// These networks, each as `10.0.0.0/8` or one address, with commas between them.
    ///
    /// # Errors
    /// Which of them is no network.
    pub fn of(networks: &str) -> Result<Self, String> {
        let named = networks.split(',').map(str::trim).filter(|network| !network.is_empty());
        let each = named.map(|named| network(named).ok_or_else(|| named.to_owned()));
        each.collect::<Result<Arc<[_]>, _>>().map(Self)
    }

    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Who called, as this server knows it, whatever the request says of it. Taken as an argument of a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalledFrom {
    /// From which address: the connection's own, or what trusted proxies forwarded; none where they say nothing sane.
    pub address: Option<IpAddr>,
    /// What the browser calls itself, cut to 500 characters; none when it says nothing.
    pub user_agent: Option<String>,
}

impl CalledFrom {
    fn of(request: &HttpRequest) -> Self {
        let known = request.app_data::<web::Data<TrustedProxies>>();
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let trusted = known.map_or_else(TrustedProxies::default, |known| TrustedProxies::clone(known));
        let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
        let agent = agent.map(|agent| agent.chars().take(USER_AGENT_CHARS_MAX).collect::<String>());
        Self {
            address: peer.and_then(|peer| caller_behind(peer, request.headers(), &trusted)),
            user_agent: agent.filter(|agent| !agent.is_empty()),
        }
    }
}

/// The last address that no trusted proxy has, from the connection back through `X-Forwarded-For`, to which every proxy
/// adds whom it saw: what stands before it anybody may have written.
fn caller_behind(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    if !trusted.has(peer) {
        return Some(peer);
    }
    let said: Vec<&str> =
        headers.get_all("x-forwarded-for").map(|value| value.to_str().unwrap_or_default()).collect();
    let mut seen = peer;
    for hop in said.iter().rev().flat_map(|value| value.rsplit(',')) {
        seen = hop.trim().parse::<IpAddr>().ok()?.to_canonical();
        if !trusted.has(seen) {
            break;
        }
    }
    Some(seen)
}

impl FromRequest for CalledFrom {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(trusted: Option<&str>, peer: &str, forwarded: &[&str]) -> Option<String> {
        let request =
            TestRequest::default().peer_addr(std::net::SocketAddr::new(peer.parse().unwrap(), 1000));
        let request = match trusted {
            Some(trusted) => request.app_data(web::Data::new(TrustedProxies::of(trusted).unwrap())),
            None => request,
        };
        let request = forwarded
            .iter()
            .fold(request, |request, value| request.append_header(("x-forwarded-for", *value)));
        CalledFrom::of(&request.to_http_request()).address.map(|address| address.to_string())
    }

    #[test]
    fn what_is_forwarded_counts_from_a_trusted_proxy_alone() {
        assert_eq!(seen(None, "192.0.2.9", &[]).as_deref(), Some("192.0.2.9"));
        assert_eq!(seen(None, "192.0.2.9", &["203.0.113.7"]).as_deref(), Some("192.0.2.9"));
        for (trusted, peer) in [
            (None, "127.0.0.1"),
            (None, "::1"),
            (None, "::ffff:127.0.0.1"),
            (Some("10.1.0.0/16"), "10.1.2.3"),
            (Some("192.0.2.9, fd00::/8"), "192.0.2.9"),
            (Some("192.0.2.9, fd00::/8"), "fd00::7"),
        ] {
            assert_eq!(seen(trusted, peer, &["203.0.113.7"]).as_deref(), Some("203.0.113.7"), "{peer}");
        }
        assert_eq!(seen(Some("10.1.0.0/16"), "10.2.2.3", &["203.0.113.7"]).as_deref(), Some("10.2.2.3"));
        assert_eq!(seen(Some("10.1.0.0/16"), "127.0.0.1", &["203.0.113.7"]).as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn of_the_addresses_that_a_client_may_have_written_the_proxys_counts() {
        let of = |forwarded: &[&str]| seen(Some("127.0.0.1,10.0.0.0/8"), "127.0.0.1", forwarded);
        assert_eq!(of(&["198.51.100.1, 203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(of(&["198.51.100.1", "2001:db8::7"]).as_deref(), Some("2001:db8::7"));
        assert_eq!(
            of(&["198.51.100.1, 203.0.113.7, 10.0.0.4"]).as_deref(),
            Some("203.0.113.7"),
            "two proxies"
        );
        assert_eq!(of(&["10.0.0.3, 10.0.0.4"]).as_deref(), Some("10.0.0.3"), "all of them are ours");
        assert_eq!(of(&[]).as_deref(), Some("127.0.0.1"), "whoever called on this machine itself");
        assert_eq!(of(&["nonsense"]), None, "what is not known is not said");
    }

    #[test]
    fn a_network_that_is_none_is_named() {
        for wrong in ["10.0.0.0/33", "fd00::/129", "example.com", "10.0.0.0/", "/8"] {
            assert_eq!(TrustedProxies::of(&format!("127.0.0.1,{wrong}")), Err(wrong.to_owned()));
        }
        assert!(!TrustedProxies::of("").unwrap().has("127.0.0.1".parse().unwrap()));
        let all = TrustedProxies::of("0.0.0.0/0,::/0").unwrap();
        assert!(all.has("203.0.113.7".parse().unwrap()) && all.has("2001:db8::7".parse().unwrap()));
        assert!(!TrustedProxies::of("0.0.0.0/0").unwrap().has("::1".parse().unwrap()));
    }

    #[test]
    fn a_browser_names_itself_in_so_many_characters_and_no_name_is_none() {
        let agent = |name: String| {
            let request = TestRequest::default().insert_header((USER_AGENT, name)).to_http_request();
            CalledFrom::of(&request).user_agent
        };
        assert_eq!(agent("Browser/1.0".to_owned()).as_deref(), Some("Browser/1.0"));
        assert_eq!(agent("b".repeat(600)).map(|agent| agent.len()), Some(500));
        assert_eq!(agent(String::new()), None);
    }
}
