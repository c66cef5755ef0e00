//! Our names at gateways that repeat one reference of the merchant's in whatever they tell: of what, whose, and ours.

use tender_domain::kernel::TenantId;
use tender_domain::ports::GatewayError;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An authorization that is captured later.
    Hold,
    /// An authorization that is captured at once.
    Sale,
    /// A capture.
    Capture,
    /// A void.
    Void,
    /// A refund.
    Refund,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Hold, Self::Sale, Self::Capture, Self::Void, Self::Refund];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Sale => "sale",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
        }
    }

    /// An authorization's.
    pub(crate) const fn of_authorization(capture: bool) -> Self {
        if capture { Self::Sale } else { Self::Hold }
    }
}

/// A name of ours, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) kind: Kind,
    pub(crate) tenant: TenantId,
    /// Our reference, as the port has it.
    pub(crate) reference: String,
}

/// The longest reference that a gateway takes.
pub(crate) struct Room {
    pub(crate) who: &'static str,
    pub(crate) chars_max: usize,
}

impl Room {
    /// The name of a call (`sale/<tenant>/att_…`).
    ///
    /// # Errors
    /// `NotDone` when it is too long for the gateway.
    pub(crate) fn name(
        &self,
        kind: Kind,
        tenant: &TenantId,
        reference: &str,
    ) -> Result<String, GatewayError> {
        let name = format!("{}/{tenant}/{reference}", kind.as_str());
        // What is held must be let go: the longest name of an authorization is its void's.
        let longest = format!("{}/{tenant}/{reference}/void", Kind::Void.as_str());
        let is_authorization = matches!(kind, Kind::Hold | Kind::Sale);
        let Self { who, chars_max } = *self;
        if name.len() > chars_max || (is_authorization && longest.len() > chars_max) {
            let why = format!(
                "{who}'s references have at most {chars_max} characters; the tenant's name is too long"
            );
            return Err(GatewayError::NotDone(why));
        }
        Ok(name)
    }
}

impl Name {
    /// A name of ours; none when it is somebody else's.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let (kind, tenant, reference) = (parts.next()?, parts.next()?, parts.next()?);
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        let tenant = tenant.parse().ok()?;
        (!reference.is_empty()).then(|| Self { kind, tenant, reference: reference.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { who: "Adyen", chars_max: 80 };

    #[test]
    fn a_name_is_found_again_and_others_are_none() {
        let tenant = TenantId::sandbox();
        for (kind, reference) in [(Kind::Hold, "att_1"), (Kind::Void, "att_1/void"), (Kind::Refund, "rf_1/2")]
        {
            let text = ROOM.name(kind, &tenant, reference).expect("short");
            let found = Name { kind, tenant: tenant.clone(), reference: reference.into() };
            assert_eq!(Name::find(&text), Some(found));
        }
        for other in ["order 7", "sale/sandbox/", "sale/sandbox", "loan/sandbox/att_1", "sale//att_1", ""] {
            assert_eq!(Name::find(other), None, "{other}");
        }
    }

    #[test]
    fn what_could_not_be_let_go_is_not_held() {
        let attempt = format!("att_{}", "0".repeat(26));
        let tenant = |chars: usize| "t".repeat(chars).parse::<TenantId>().expect("a tenant");
        assert!(ROOM.name(Kind::Hold, &tenant(39), &attempt).is_ok());
        assert!(ROOM.name(Kind::Void, &tenant(39), &format!("{attempt}/void")).is_ok());
        assert!(matches!(ROOM.name(Kind::Hold, &tenant(40), &attempt), Err(GatewayError::NotDone(_))));
    }
}
