//! The certificates that PayPal signs its webhooks with: fetched from PayPal alone, kept, and believed only under an authority
//! that is trusted.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::{StatusCode, Url};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CallbackFault, CallbackRefusal};
use tokio::sync::Mutex;
use webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::call::WHO;
use crate::outbound::{Outbound, OutboundAllow};
use crate::transport;

/// Where PayPal's certificates are, at each of its hosts.
const PATH: &str = "/v1/notifications/certs/";
/// Whose certificates sign webhooks, live and in the sandbox.
const NAMES: [&str; 2] =
    ["messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"];
/// How many are kept; PayPal has one at a time, and another while it is changed.
const KEPT_MAX: usize = 8;
/// The most certificates that one is followed by to its authority.
const CHAIN_MAX: usize = 6;
/// How many are fetched in a minute: whoever sends a callback names its certificate, before anybody knows who it is.
const FETCHED_MAX: usize = 10;
const MINUTE: Duration = Duration::from_secs(60);

/// The authorities of this system.
static SYSTEM: LazyLock<Vec<CertificateDer<'static>>> =
    LazyLock::new(|| rustls_native_certs::load_native_certs().certs);

/// A certificate, and those between it and its authority.
type Chain = Vec<CertificateDer<'static>>;

/// The certificates of one environment of PayPal's.
pub(super) struct Certificates {
    outbound: Outbound,
    /// Where the API is: what it serves is PayPal's own.
    api_base: Url,
    roots: Option<Chain>,
    deadline: Duration,
    kept: RwLock<VecDeque<(String, Arc<Chain>)>>,
    fetched: Mutex<VecDeque<Instant>>,
}

impl Certificates {
    /// Those that the API at `api_base` signs with; `roots` are the authorities in PEM, else the system's.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub(super) fn new(api_base: &Url, roots: Option<&[u8]>, deadline: Duration) -> Result<Self, String> {
        let roots = roots.map(read).transpose()?;
        if roots.is_none() && SYSTEM.is_empty() {
            return Err("this system has no authorities of certificates; name a file of them".to_owned());
        }
        // A sandbox on this machine, spoken to in the clear as the API itself is.
        let local = match (api_base.scheme(), api_base.host_str(), api_base.port_or_known_default()) {
            ("http", Some(host), Some(port)) => OutboundAllow::of(&format!("{host}:{port}"))?,
            _ => OutboundAllow::default(),
        };
        Ok(Self {
            outbound: Outbound::new(local)?,
            api_base: api_base.clone(),
            roots,
            deadline,
            kept: RwLock::default(),
            fetched: Mutex::default(),
        })
    }

    /// Has the certificate of this address at hand. One is fetched at a time, and never more than a few in a minute.
    ///
    /// # Errors
    /// `Refused` when the address is not PayPal's, or what is there is no certificate of its; `Unavailable` when it cannot be
    /// fetched now.
    pub(super) async fn fetch(&self, address: &str, now: Timestamp) -> Result<(), CallbackFault> {
        let url = self.address(address).ok_or(CallbackRefusal::BadSignature)?;
        if self.find(address).is_some() {
            return Ok(());
        }
        let mut fetched = self.fetched.lock().await;
        if self.find(address).is_some() {
            return Ok(());
        }
        let away = |why: &str| CallbackFault::Unavailable(format!("PayPal's certificate: {why}"));
        fetched.retain(|at| at.elapsed() < MINUTE);
        if fetched.len() >= FETCHED_MAX {
            return Err(away("too many were asked for just now"));
        }
        fetched.push_back(Instant::now());
        let sent = self.outbound.client().get(url).timeout(self.deadline).send().await;
        let response = sent.map_err(|error| away(&transport::of_transport(WHO, &error).to_string()))?;
        match response.status() {
            StatusCode::OK => {}
            status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                return Err(CallbackRefusal::BadSignature.into());
            }
            status => return Err(away(&format!("it was answered with {status}"))),
        }
        let body = transport::read(WHO, response).await.map_err(|error| away(&error.to_string()))?;
        let chain = read(&body).map_err(|_| CallbackRefusal::BadSignature)?;
        self.believe(&chain, now).map_err(|()| CallbackRefusal::BadSignature)?;
        self.keep(address, chain);
        Ok(())
    }

    /// Whether the certificate of this address, which was fetched, made this signature (RSA with SHA-256) of a message, and
    /// may be believed at this time.
    pub(super) fn signed(&self, address: &str, message: &[u8], signature: &[u8], now: Timestamp) -> bool {
        let Some(chain) = self.find(address).filter(|chain| self.believe(chain, now).is_ok()) else {
            return false;
        };
        let leaf = chain.first().and_then(|leaf| EndEntityCert::try_from(leaf).ok());
        leaf.is_some_and(|leaf| leaf.verify_signature(RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok())
    }

    /// An address at PayPal, by https; or at the API that is called anyway.
    fn address(&self, text: &str) -> Option<Url> {
        let url = self.outbound.check(text).ok()?;
        let host = url.host_str()?;
        let is_paypals = url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && (host == "paypal.com" || host.ends_with(".paypal.com"));
        let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let id = url.path().strip_prefix(PATH)?;
        let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let is_there = is_paypals || url.origin() == self.api_base.origin();
        (is_there && is_plain && is_id && text.len() <= 500).then_some(url)
    }

    /// That an authority vouches for it at this time, and that it is the one that webhooks are signed with.
    fn believe(&self, chain: &[CertificateDer<'static>], now: Timestamp) -> Result<(), ()> {
        let (leaf, between) = chain.split_first().ok_or(())?;
        let leaf = EndEntityCert::try_from(leaf).map_err(drop)?;
        let is_named = |name: &str| {
            let name = ServerName::try_from(name).ok();
            name.is_some_and(|name| leaf.verify_is_valid_for_subject_name(&name).is_ok())
        };
        if !NAMES.into_iter().any(is_named) {
            return Err(());
        }
        let roots = self.roots.as_ref().unwrap_or(&SYSTEM);
        let anchors: Vec<TrustAnchor<'_>> =
            roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
        let seconds = u64::try_from(now.timestamp()).map_err(drop)?;
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let (algorithms, usage) = (ALL_VERIFICATION_ALGS, KeyUsage::server_auth());
        let found = leaf.verify_for_usage(algorithms, &anchors, between, time, usage, None, None);
        found.map(drop).map_err(drop)
    }

    fn find(&self, address: &str) -> Option<Arc<Chain>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == address).map(|(_, chain)| Arc::clone(chain))
    }

    fn keep(&self, address: &str, chain: Chain) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back((address.to_owned(), Arc::new(chain)));
    }
}

/// The certificates of a PEM, the first one first.
fn read(pem: &[u8]) -> Result<Chain, String> {
    let found: Result<Chain, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| format!("no PEM of certificates: {error}"))?;
    if found.is_empty() || found.len() > CHAIN_MAX.max(KEPT_MAX) {
        return Err(format!("there are {} certificates in it", found.len()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(api_base: &str) -> Certificates {
        let base = Url::parse(api_base).expect("an address");
        Certificates::new(&base, None, Duration::from_secs(1)).expect("the system has authorities")
    }

    #[test]
    fn certificates_are_fetched_from_paypal_alone() {
        let live = of("https://api-m.paypal.com/");
        for good in [
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        ] {
            assert!(live.address(good).is_some(), "{good}");
        }
        for bad in [
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
            "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
            "https://evilpaypal.com/v1/notifications/certs/CERT-1",
            "https://paypal.com@evil.example/v1/notifications/certs/CERT-1",
            "https://user@api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/../../x",
            "https://api.paypal.com/v1/notifications/certs/",
            "https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
            "https://www.paypal.com/uploads/CERT-1",
            "https://127.0.0.1/v1/notifications/certs/CERT-1",
            "http://127.0.0.1:8080/v1/notifications/certs/CERT-1",
            "CERT-1",
            "",
        ] {
            assert!(live.address(bad).is_none(), "{bad}");
        }
        let local = of("http://127.0.0.1:8080/");
        assert!(local.address("http://127.0.0.1:8080/v1/notifications/certs/CERT-1").is_some());
        assert!(local.address("http://127.0.0.1:8081/v1/notifications/certs/CERT-1").is_none());
    }
}
