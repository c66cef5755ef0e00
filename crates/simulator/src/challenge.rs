//! References of challenges: they carry tenant and authorization, so that a page needs no credential to find them.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::TenantId;

use crate::calls::is_reference;

const PREFIX: &str = "chl_";

/// What the simulator calls the challenge of this authorization.
pub(crate) fn reference_of(tenant: &TenantId, reference: &str) -> String {
    let inside = format!("{tenant}/{reference}");
    format!("{PREFIX}{}", BASE32_NOPAD.encode(inside.as_bytes()).to_ascii_lowercase())
}

/// The authorization of a challenge; none when the text is no challenge's reference.
pub(crate) fn authorization_of(challenge_reference: &str) -> Option<(TenantId, String)> {
    let inside = challenge_reference.strip_prefix(PREFIX)?.to_ascii_uppercase();
    let inside = String::from_utf8(BASE32_NOPAD.decode(inside.as_bytes()).ok()?).ok()?;
    let (tenant, reference) = inside.split_once('/')?;
    is_reference(reference).then_some(())?;
    Some((tenant.parse().ok()?, reference.to_owned()))
}

/// Where the customer meets it.
pub(crate) fn url_of(public_url: &str, challenge_reference: &str) -> String {
    format!("{public_url}/simulator/challenge/{challenge_reference}")
}

/// Where the form of one that is met within the shop's own page is posted to.
pub(crate) fn acs_url_of(public_url: &str, challenge_reference: &str) -> String {
    format!("{public_url}/simulator/acs/{challenge_reference}")
}

/// What passes between a shop's page and the issuer's, as EMV 3-D Secure 2 has it: JSON in base64url.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Passed {
    message_type: String,
    message_version: String,
    #[serde(rename = "acsTransID")]
    acs_trans_id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    challenge_window_size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    trans_status: Option<String>,
}

impl Passed {
    fn new(message_type: &str, challenge_reference: &str) -> Self {
        Self {
            message_type: message_type.to_owned(),
            message_version: "2.2.0".to_owned(),
            acs_trans_id: challenge_reference.to_owned(),
            challenge_window_size: None,
            trans_status: None,
        }
    }

    fn read(text: &str, message_type: &str) -> Option<Self> {
        let json = BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok()?;
        serde_json::from_slice(&json).ok().filter(|passed: &Self| passed.message_type == message_type)
    }

    fn written(&self) -> String {
        BASE64URL_NOPAD.encode(&serde_json::to_vec(self).expect("texts have a JSON form"))
    }
}

/// The challenge request that a shop's page posts.
pub(crate) fn creq_of(challenge_reference: &str) -> String {
    let window = Some("05".to_owned());
    Passed { challenge_window_size: window, ..Passed::new("CReq", challenge_reference) }.written()
}

/// Whether it is the request of this challenge.
pub(crate) fn is_creq_of(creq: &str, challenge_reference: &str) -> bool {
    Passed::read(creq, "CReq").is_some_and(|passed| passed.acs_trans_id == challenge_reference)
}

/// The challenge response that the shop's page gets back.
pub(crate) fn cres_of(challenge_reference: &str, met: bool) -> String {
    let status = Some(if met { "Y" } else { "N" }.to_owned());
    Passed { trans_status: status, ..Passed::new("CRes", challenge_reference) }.written()
}

/// What a shop hands on, in the words of the page for redirects: a challenge response is what it says of its challenge,
/// and a failure of any other.
pub(crate) fn result_of<'a>(result: &'a str, challenge_reference: &str) -> &'a str {
    match Passed::read(result, "CRes") {
        None => result,
        Some(passed) if passed.acs_trans_id == challenge_reference => match passed.trans_status.as_deref() {
            Some("Y") => "success",
            _ => "failed",
        },
        Some(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_counts_for_its_own_challenge_alone() {
        for (met, result) in [(true, "success"), (false, "failed")] {
            assert_eq!(result_of(&cres_of("chl_a", met), "chl_a"), result);
            assert_eq!(result_of(&cres_of("chl_b", met), "chl_a"), "failed");
        }
        assert_eq!(result_of("success", "chl_a"), "success");
        assert_eq!(result_of(&creq_of("chl_a"), "chl_a"), creq_of("chl_a"), "a request is no response");
        assert!(is_creq_of(&creq_of("chl_a"), "chl_a"));
        for creq in ["", "e30", &*creq_of("chl_b"), &*cres_of("chl_a", true)] {
            assert!(!is_creq_of(creq, "chl_a"), "{creq}");
        }
    }

    #[test]
    fn a_challenge_reference_leads_back_to_its_authorization() {
        let tenant = TenantId::sandbox();
        let reference = reference_of(&tenant, "att_01/é");
        assert_eq!(authorization_of(&reference), Some((tenant.clone(), "att_01/é".to_owned())));
        for text in ["", "chl_", "chl_1", "chl_é", "att_01", &reference_of(&tenant, "\0")] {
            assert_eq!(authorization_of(text), None, "{text}");
        }
    }
}
