//! After which declines the next connector is tried: a table for each connector, that its tenant edits.

use crate::ports::DeclineCode;

use super::ConnectorRefusal;

/// After which declines another connector is tried, where the connector's table was not edited. Not all that are
/// retryable: an account without money has none at any acquirer, and networks charge for tries that cannot succeed.
pub const FAIL_OVER_DECLINES: &[DeclineCode] =
    &[DeclineCode::DoNotHonor, DeclineCode::CardDeclined, DeclineCode::IssuerUnavailable];

/// A connector's table of declines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeclineTable(Option<Vec<DeclineCode>>);

impl DeclineTable {
    /// As nobody edited it: [`FAIL_OVER_DECLINES`].
    pub const USUAL: Self = Self(None);

    /// Of these declines, each once; none for the usual ones.
    ///
    /// # Errors
    /// When one is final: no other connector may be tried after it.
    pub fn of(codes: Option<Vec<DeclineCode>>) -> Result<Self, ConnectorRefusal> {
        let Some(mut codes) = codes else { return Ok(Self::USUAL) };
        if let Some(place) = codes.iter().position(|code| !code.may_fail_over()) {
            return Err(ConnectorRefusal::FinalDecline { place, code: codes[place] });
        }
        codes.sort_unstable_by_key(|code| code.as_str());
        codes.dedup();
        Ok(Self(Some(codes)))
    }

    /// Whether the next connector is tried after this decline.
    #[must_use]
    pub fn has(&self, code: DeclineCode) -> bool {
        code.may_fail_over() && self.codes().contains(&code)
    }

    /// The declines in it.
    #[must_use]
    pub fn codes(&self) -> &[DeclineCode] {
        self.0.as_deref().unwrap_or(FAIL_OVER_DECLINES)
    }

    /// What was set; none of one that nobody edited.
    #[must_use]
    pub fn set(&self) -> Option<&[DeclineCode]> {
        self.0.as_deref()
    }
}
