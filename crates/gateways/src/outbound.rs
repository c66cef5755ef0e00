//! Calls to addresses that somebody else chose: only to public ones, by https, checked on what a name resolves to, which
//! is what is connected to; redirects are not followed.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::{Client, Url};
use tender_domain::ports::NotifyError;

use crate::transport;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Local addresses that may be called besides, each as `host:port`: for the sandbox, where the other side runs on the
/// same machine. They are spoken to by http too.
#[derive(Debug, Clone, Default)]
pub struct OutboundAllow(Vec<(String, u16)>);

impl OutboundAllow {
    /// These addresses, with commas between them.
    ///
    /// # Errors
    /// Which of them is no `host:port`.
    pub fn of(addresses: &str) -> Result<Self, String> {
        let parse = |address: &str| {
            let (host, port) = address.rsplit_once(':')?;
            let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
            (!host.is_empty()).then_some((host, port.parse().ok()?))
        };
        let named = addresses.split(',').map(str::trim).filter(|address| !address.is_empty());
        let each = named.map(|address| parse(address).ok_or_else(|| address.to_owned()));
        each.collect::<Result<_, _>>().map(Self)
    }

    fn has(&self, url: &Url) -> bool {
        let (host, port) = (host_of(url), url.port_or_known_default());
        self.0.iter().any(|(allowed, at)| *allowed == host && Some(*at) == port)
    }

    fn has_host(&self, host: &str) -> bool {
        self.0.iter().any(|(allowed, _)| *allowed == host)
    }
}

/// A client for such calls. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbound {
    client: Client,
    allow: OutboundAllow,
}

impl Outbound {
    /// A client that may besides call what is allowed.
    ///
    /// # Errors
    /// When the platform has no TLS to offer.
    pub(crate) fn new(allow: OutboundAllow) -> Result<Self, String> {
        let guard = Arc::new(PublicOnly(allow.clone()));
        let client = transport::builder(HeaderMap::new(), CONNECT_TIMEOUT).dns_resolver(guard).build();
        Ok(Self { client: client.map_err(|error| error.to_string())?, allow })
    }

    /// The address, if it may be called as far as can be said before its name is resolved.
    ///
    /// # Errors
    /// Why not, for people.
    pub(crate) fn check(&self, address: &str) -> Result<Url, String> {
        let url = Url::parse(address).map_err(|_| "is no address of a program (https://…)".to_owned())?;
        if self.allow.has(&url) && matches!(url.scheme(), "http" | "https") {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err("must begin with https://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must hold no user and no password".to_owned());
        }
        let host = host_of(&url);
        // Its name is resolved to local addresses: at the allowed port alone.
        if self.allow.has_host(&host) {
            return Err("is not the address that outbound.allow names".to_owned());
        }
        match host.parse::<IpAddr>() {
            Ok(ip) if !is_public(ip) => Err("must be at a public address".to_owned()),
            _ if host.is_empty() => Err("names no host".to_owned()),
            _ => Ok(url),
        }
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }
}

/// Why a call outside did not come to an answer: for good when its name leads to no public address.
pub(crate) fn of_call(who: &str, error: &reqwest::Error) -> NotifyError {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.to_string().contains(NOT_PUBLIC) {
            return NotifyError::Refused(format!("{who} {NOT_PUBLIC}"));
        }
        source = cause.source();
    }
    NotifyError::Unavailable(transport::of_transport(who, error).to_string())
}

const NOT_PUBLIC: &str = "has no public address";

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

/// Resolves names to their public addresses alone.
struct PublicOnly(OutboundAllow);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let (host, allowed) = (name.as_str().to_ascii_lowercase(), self.0.has_host(name.as_str()));
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> = found.filter(|at| allowed || is_public(at.ip())).collect();
            if usable.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, NOT_PUBLIC).into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is reached over the public internet (RFC 6890 and IANA's registries of special addresses).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match embedded(ip) {
            Some(inside) => is_public_v4(inside),
            None => is_public_v6(ip),
        },
    }
}

const fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_broadcast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        // Shared by carriers, protocol assignments, benchmarks, the old relay of IPv6.
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && b & 0xfe == 18))
}

const fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Only 2000::/3 is given out; of it not documentation, Teredo and the protocol assignments around it, and 6to4.
    a & 0xe000 == 0x2000
        && !(a == 0x2001 && b == 0x0db8)
        && !(a == 0x2001 && b < 0x0200)
        && !(a == 0x3fff && b < 0x1000)
        && a != 0x2002
}

/// The IPv4 address that stands for this one: written as IPv6, or behind a translator (64:ff9b::/96).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let translated = [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0];
    let inside = || {
        let ([w, x], [y, z]) = (g.to_be_bytes(), h.to_be_bytes());
        Ipv4Addr::new(w, x, y, z)
    };
    ip.to_ipv4_mapped().or_else(|| translated.then(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_called() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("2606:4700:4700::1111", true),
            ("64:ff9b::808:808", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("198.18.0.1", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("::ffff:127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().expect("an address")), public, "{address}");
        }
    }

    #[test]
    fn an_address_is_https_public_and_without_credentials_unless_it_is_allowed() {
        let allow = OutboundAllow::of("127.0.0.1:8099, [::1]:8099").expect("good");
        let outbound = Outbound::new(allow).expect("TLS");
        for (address, good) in [
            ("https://booking.example/told", true),
            ("https://8.8.8.8/told", true),
            ("http://127.0.0.1:8099/told", true),
            ("http://[::1]:8099/told", true),
            ("http://127.0.0.1:8098/told", false),
            ("https://127.0.0.1/told", false),
            ("https://0x7f000001/told", false),
            ("https://[::ffff:10.0.0.1]/told", false),
            ("http://booking.example/told", false),
            ("https://user:secret@booking.example/", false),
            ("ftp://booking.example/", false),
            ("booking", false),
        ] {
            assert_eq!(outbound.check(address).is_ok(), good, "{address}");
        }
        assert_eq!(OutboundAllow::of("nowhere").err().as_deref(), Some("nowhere"));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let outbound = Outbound::new(OutboundAllow::default()).expect("TLS");
        let url = outbound.check("https://localhost:1/told").expect("its name says nothing yet");
        let error = outbound.client().get(url).send().await.expect_err("it leads inside");
        assert!(matches!(of_call("booking", &error), NotifyError::Refused(_)), "{error:?}");
    }
}
