//! One address for all services, as an edge gives it.

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

    /// Which service serves this path.
    fn of(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        let of_intent = path.starts_with("/v1/payments/intents/") && path.ends_with("/refunds");
        let of_adventure = path.starts_with("/adventures/payments/") && path.ends_with("/refund");
        if of_intent || of_adventure {
            return Self::Refunds;
        }
        const PREFIXES: [(&str, Service); 14] = [
            ("/rentals/payments/methods", Service::Vault),
            ("/rentals/payments/refund", Service::Refunds),
            ("/hotels/refunds", Service::Refunds),
            ("/internal/refunds", Service::Refunds),
            ("/v1/payments/methods", Service::Vault),
            ("/v1/payments/refunds", Service::Refunds),
            ("/v1/payments/disputes", Service::Refunds),
            ("/v1/payments/chargebacks", Service::Refunds),
            ("/v1/payments/ledger", Service::Settlement),
            ("/v1/payments/keys", Service::Operations),
            ("/v1/payments/settings", Service::Operations),
            ("/v1/payments/health", Service::Operations),
            ("/internal/keys", Service::Operations),
            ("/internal/methods", Service::Vault),
        ];
        let found = PREFIXES.iter().find(|(prefix, _)| path.starts_with(prefix));
        found.map_or(Self::Intents, |(_, service)| *service)
    }
}

/// Where the services are.
#[derive(Debug, Clone)]
pub enum Edge {
    /// All at one place.
    One(String),
    /// Each at its own, in the order of [`Service::ALL`].
    Five([String; 5]),
}

impl Edge {
    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base(Service::of(path)))
    }

    /// Where a service is.
    #[must_use]
    pub fn base(&self, service: Service) -> &str {
        match self {
            Self::One(base) => base,
            Self::Five(bases) => &bases[Service::ALL.iter().position(|one| *one == service).unwrap_or(0)],
        }
    }

    /// Every place once.
    #[must_use]
    pub fn bases(&self) -> Vec<&str> {
        match self {
            Self::One(base) => vec![base],
            Self::Five(bases) => bases.iter().map(String::as_str).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_goes_to_the_service_that_owns_it() {
        for (path, service) in [
            ("/v1/payments/intents", Service::Intents),
            ("/v1/payments/intents/pi_1/confirm", Service::Intents),
            ("/v1/payments/intents/pi_1/refunds?limit=1", Service::Refunds),
            ("/v1/payments/refunds/rf_1", Service::Refunds),
            ("/v1/payments/ledger/check", Service::Settlement),
            ("/v1/payments/methods", Service::Vault),
            ("/tickets/payments", Service::Intents),
            ("/adventures/payments/1/refund", Service::Refunds),
            ("/adventures/payments/1", Service::Intents),
            ("/rentals/payments/methods/1", Service::Vault),
            ("/rentals/payments/refund", Service::Refunds),
            ("/rentals/payments/user?page=2", Service::Intents),
            ("/rentals/payments/gateway/stripe/callback", Service::Intents),
            ("/hotels/refunds", Service::Refunds),
            ("/hotels/payments/1/notify", Service::Intents),
            ("/v1/payments/orders/a", Service::Intents),
            ("/v1/payments/health", Service::Operations),
        ] {
            assert_eq!(Service::of(path), service, "{path}");
        }
    }
}
