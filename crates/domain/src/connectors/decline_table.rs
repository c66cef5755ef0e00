//! After which declines the next connector is tried: a table for each connector, that its tenant edits.

use crate::kernel::Version;
use crate::ports::DeclineCode;

use super::ConnectorRefusal;

/// After which declines another connector is tried, where the connector's table was not edited. Not all that are
/// retryable: an account without money has none at any acquirer, and networks charge for tries that cannot succeed.
pub const FAIL_OVER_DECLINES: &[DeclineCode] =
    &[DeclineCode::DoNotHonor, DeclineCode::CardDeclined, DeclineCode::IssuerUnavailable];

/// A connector's table of declines. It has a version of its own: what else changes of its connector, or of the tenant's
/// routing, is no other table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclineTable {
    codes: Option<Vec<DeclineCode>>,
    version: Version,
}

impl DeclineTable {
    /// As nobody edited it: [`FAIL_OVER_DECLINES`].
    pub const USUAL: Self = Self { codes: None, version: Version::FIRST };
    /// The same of a connector of the operator's, of which nothing is stored.
    pub const UNSET: Self = Self { codes: None, version: Version::new(0) };

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
        Ok(Self { codes: Some(codes), ..Self::USUAL })
    }

    /// The same with the version that it is stored with.
    #[must_use]
    pub fn of_version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// The same in the place of another.
    #[must_use]
    pub fn in_place_of(self, before: &Self) -> Self {
        self.of_version(before.version.next())
    }

    /// How often it was replaced: one more with every time.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Whether the next connector is tried after this decline.
    #[must_use]
    pub fn has(&self, code: DeclineCode) -> bool {
        code.may_fail_over() && self.codes().contains(&code)
    }

    /// The declines in it.
    #[must_use]
    pub fn codes(&self) -> &[DeclineCode] {
        self.set().unwrap_or(FAIL_OVER_DECLINES)
    }

    /// What was set; none of one that nobody edited.
    #[must_use]
    pub fn set(&self) -> Option<&[DeclineCode]> {
        self.codes.as_deref()
    }
}
