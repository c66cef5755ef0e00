//! References of challenges: they carry tenant and authorization, so that a page needs no credential to find them.

use data_encoding::BASE32_NOPAD;
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

#[cfg(test)]
mod tests {
    use super::*;

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
