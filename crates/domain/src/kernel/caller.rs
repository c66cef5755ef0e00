//! Who calls, for whom, and with which rights.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{IntentId, KeyId, TenantId};

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A right that a route asks for. The text form is what keys and tokens carry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Scope { $($(#[$doc])* $name),* }

        impl Scope {
            /// Every scope, in the order of this declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The text form, as in `intents:write`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

scopes! {
    /// Read intents, charges, authorizations, transactions.
    IntentsRead = "intents:read";
    /// Create, change, confirm, capture and cancel intents.
    IntentsWrite = "intents:write";
    /// Settle what no gateway tells: outcomes that are unknown, in conflict or stuck.
    IntentsResolve = "intents:resolve";
    /// Read saved payment methods.
    MethodsRead = "methods:read";
    /// Create, change and delete payment methods.
    MethodsWrite = "methods:write";
    /// Attach a method to a customer or an intent (what a publishable key may do).
    MethodsAttach = "methods:attach";
    /// Read refunds.
    RefundsRead = "refunds:read";
    /// Create and cancel refunds.
    RefundsWrite = "refunds:write";
    /// Settle refunds whose outcome no gateway tells.
    RefundsResolve = "refunds:resolve";
    /// Read disputes and evidence.
    DisputesRead = "disputes:read";
    /// Create and change disputes, submit evidence.
    DisputesWrite = "disputes:write";
    /// Resolve disputes.
    DisputesResolve = "disputes:resolve";
    /// Read connectors, routing rules and their logs.
    ConnectorsRead = "connectors:read";
    /// Change connectors and routing rules.
    ConnectorsWrite = "connectors:write";
    /// Score and read fraud decisions and rules.
    FraudRead = "fraud:read";
    /// Change fraud rules, override decisions.
    FraudWrite = "fraud:write";
    /// Read the orders directory.
    OrdersRead = "orders:read";
    /// Write the orders directory.
    OrdersWrite = "orders:write";
    /// Read the ledger and run its check.
    LedgerRead = "ledger:read";
    /// Read settlements, reconciliations, payouts and reports.
    SettlementsRead = "settlements:read";
    /// Import settlements, reconcile, pay out.
    SettlementsWrite = "settlements:write";
    /// Read keys and roles.
    KeysRead = "keys:read";
    /// Create and revoke keys, define roles.
    KeysWrite = "keys:write";
    /// Read the tenant's settings.
    SettingsRead = "settings:read";
    /// Change the tenant's settings.
    SettingsWrite = "settings:write";
    /// Read and change webhooks.
    WebhooksWrite = "webhooks:write";
    /// Read the audit log.
    AuditRead = "audit:read";
    /// Read diagnostics and health in detail.
    DiagnosticsRead = "diagnostics:read";
    /// Read the vault's key inventory and attestation.
    VaultRead = "vault:read";
    /// Rotate the vault's keys.
    VaultWrite = "vault:write";
    /// Use the sandbox's tools.
    SandboxUse = "sandbox:use";
    /// What only a service may ask of another (a method's secrets, a key's rights).
    ServiceInternal = "service:internal";
}

/// The text names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope; docs/api-design.md lists them")]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|scope| scope.as_str() == text).copied();
        found.ok_or_else(|| UnknownScope(text.chars().take(64).collect()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ScopeSet(u64);

impl ScopeSet {
    /// No scope.
    pub const EMPTY: Self = Self(0);

    /// Every scope that a tenant's key or person may hold: all but [`Scope::ServiceInternal`].
    #[must_use]
    pub fn all_of_a_tenant() -> Self {
        Scope::ALL.iter().copied().filter(|scope| *scope != Scope::ServiceInternal).collect()
    }

    /// Whether the scope is in it.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Whether every scope of `other` is in it.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The scopes of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | (1 << scope as u8)))
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Scope::as_str)).finish()
    }
}

/// A named set of scopes. The built-in ones; tenants define others in operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoleName {
    /// Everything a tenant may do.
    Admin,
    /// Payments, refunds, disputes, methods, connectors.
    PaymentsAdmin,
    /// Ledger, settlements, reports.
    Reconciler,
    /// Every read.
    ReadOnly,
    /// A hotel's or shop's staff: payments and refunds.
    Agent,
    /// Disputes of the lowest tier.
    DisputeAgent,
    /// Disputes of the middle tier.
    DisputeManager,
    /// Every dispute.
    DisputeDirector,
    /// A customer: its own rows only (`sub` is the customer id).
    Customer,
}

impl RoleName {
    /// Every built-in role.
    pub const ALL: &'static [Self] = &[
        Self::Admin,
        Self::PaymentsAdmin,
        Self::Reconciler,
        Self::ReadOnly,
        Self::Agent,
        Self::DisputeAgent,
        Self::DisputeManager,
        Self::DisputeDirector,
        Self::Customer,
    ];

    /// The text form, as in a token's `roles`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::PaymentsAdmin => "payments_admin",
            Self::Reconciler => "reconciler",
            Self::ReadOnly => "read_only",
            Self::Agent => "agent",
            Self::DisputeAgent => "dispute_agent",
            Self::DisputeManager => "dispute_manager",
            Self::DisputeDirector => "dispute_director",
            Self::Customer => "customer",
        }
    }

    /// The built-in role of this name, if there is one.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|role| role.as_str() == name).copied()
    }

    /// What the role may do.
    #[must_use]
    pub fn scopes(self) -> ScopeSet {
        use Scope as S;
        let disputes =
            [S::DisputesRead, S::DisputesWrite, S::DisputesResolve, S::IntentsRead, S::RefundsRead];
        match self {
            Self::Admin => ScopeSet::all_of_a_tenant(),
            Self::PaymentsAdmin => ScopeSet::all_of_a_tenant()
                .iter()
                .filter(|s| !matches!(s, S::KeysWrite | S::SettlementsWrite | S::VaultWrite | S::AuditRead))
                .collect(),
            Self::Reconciler => [
                S::LedgerRead,
                S::SettlementsRead,
                S::SettlementsWrite,
                S::IntentsRead,
                S::RefundsRead,
                S::DisputesRead,
            ]
            .into_iter()
            .collect(),
            Self::ReadOnly => {
                Scope::ALL.iter().copied().filter(|scope| scope.as_str().ends_with(":read")).collect()
            }
            Self::Agent => [
                S::IntentsRead,
                S::IntentsWrite,
                S::RefundsRead,
                S::RefundsWrite,
                S::OrdersRead,
                S::MethodsRead,
                S::MethodsAttach,
            ]
            .into_iter()
            .collect(),
            Self::DisputeAgent | Self::DisputeManager | Self::DisputeDirector => {
                disputes.into_iter().collect()
            }
            Self::Customer => [
                S::IntentsRead,
                S::IntentsWrite,
                S::MethodsRead,
                S::MethodsWrite,
                S::MethodsAttach,
                S::RefundsRead,
            ]
            .into_iter()
            .collect(),
        }
    }
}

/// How a caller proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A JWT of a person or a machine of the tenant.
    Token,
    /// A secret API key (`sk_…`).
    SecretKey(KeyId),
    /// A publishable API key (`pk_…`): in a browser, may do little.
    PublishableKey(KeyId),
    /// An intent's client secret: that intent only.
    ClientSecret(IntentId),
    /// Another service of the platform, by its signed token.
    Service(Arc<str>),
    /// No credential: what the sandbox gives to a dialect that needs none.
    SandboxDialect,
}

/// Who calls, for which tenant, with which rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant it calls for.
    pub tenant: TenantId,
    /// Who: a token's `sub`, a key's id, a service's name.
    pub subject: Arc<str>,
    /// How it proved that.
    pub credential: Credential,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The role names of its token (built-in and tenant-defined).
    pub roles: Arc<[String]>,
    /// Who really acts, when the token impersonates (`act`).
    pub actor: Option<Arc<str>>,
    /// Whether what it makes is live (`livemode`); false for test keys and the sandbox.
    pub livemode: bool,
}

/// The role of users whom storefronts let call more often. It gives no right and takes none.
const PREMIUM: &str = "premium";

impl Caller {
    /// Whether the caller may do what the scope names.
    #[must_use]
    pub const fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// Whether it is a customer who sees its own rows only, and then which. Words that are no role here, as identity
    /// providers add them, make nobody more.
    #[must_use]
    pub fn only_customer(&self) -> Option<&str> {
        let mut roles = self.roles.iter().filter_map(|role| RoleName::find(role)).peekable();
        let only = roles.peek().is_some() && roles.all(|role| role == RoleName::Customer);
        only.then_some(&*self.subject)
    }

    /// Who it is, with who really acts, for people to read.
    #[must_use]
    pub fn who(&self) -> String {
        let behind = self.actor.as_ref().map(|actor| format!(" (by {actor})"));
        format!("{}{}", self.subject, behind.unwrap_or_default())
    }

    /// Whether storefronts let it call more often.
    #[must_use]
    pub fn is_premium(&self) -> bool {
        self.roles.iter().any(|role| role == PREMIUM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_survives_its_text_and_fits_the_set() {
        assert!(Scope::ALL.len() <= 64);
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse::<Scope>(), Ok(*scope));
        }
        let all: ScopeSet = Scope::ALL.iter().copied().collect();
        assert_eq!(all.iter().count(), Scope::ALL.len());
    }

    #[test]
    fn no_role_of_a_tenant_may_do_what_only_services_may() {
        for role in RoleName::ALL {
            assert!(!role.scopes().contains(Scope::ServiceInternal), "{role:?}");
        }
    }

    #[test]
    fn a_customer_stays_one_whatever_its_tier() {
        let with = |roles: &[&str]| Caller {
            tenant: TenantId::sandbox(),
            subject: "cust_1".into(),
            credential: Credential::Token,
            scopes: ScopeSet::EMPTY,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            actor: None,
            livemode: false,
        };
        for (roles, customer, premium) in [
            (&["customer"][..], true, false),
            (&["customer", "premium"], true, true),
            (&["premium", "customer"], true, true),
            (&["premium"], false, true),
            (&["customer", "offline_access"], true, false),
            (&["offline_access"], false, false),
            (&["customer", "agent"], false, false),
            (&[], false, false),
        ] {
            let caller = with(roles);
            assert_eq!(caller.only_customer(), customer.then_some("cust_1"), "{roles:?}");
            assert_eq!(caller.is_premium(), premium, "{roles:?}");
        }
    }

    #[test]
    fn read_only_cannot_write() {
        assert!(RoleName::ReadOnly.scopes().iter().all(|scope| scope.as_str().ends_with(":read")));
    }
}
