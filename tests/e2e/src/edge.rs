//! Where the services are: one address for all of them, as the edge gives it, and their own.

/// A service that serves a part of the paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Payment intents, orders, dialects.
    Intents,
    /// Payment methods.
    Vault,
    /// Refunds.
    Refunds,
    /// The ledger.
    Settlement,
    /// Keys, settings, health.
    Operations,
}

impl Service {
    /// All five.
    pub const ALL: [Self; 5] =
        [Self::Intents, Self::Vault, Self::Refunds, Self::Settlement, Self::Operations];

    /// Its name, as of its program and its schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intents => "intents",
            Self::Vault => "vault",
            Self::Refunds => "refunds",
            Self::Settlement => "settlement",
            Self::Operations => "operations",
        }
    }
}

/// Where the services are.
#[derive(Debug, Clone)]
pub enum Edge {
    /// All at one place.
    One(String),
    /// Each at its own, and the edge that leads from one address to them.
    Five {
        /// The edge.
        edge: String,
        /// The services, in the order of [`Service::ALL`].
        services: [String; 5],
    },
}

impl Edge {
    /// The address of a path, for a client.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let (Self::One(base) | Self::Five { edge: base, .. }) = self;
        format!("{base}{path}")
    }

    /// Every place of a service once.
    #[must_use]
    pub fn bases(&self) -> Vec<&str> {
        match self {
            Self::One(base) => vec![base],
            Self::Five { services, .. } => services.iter().map(String::as_str).collect(),
        }
    }
}
