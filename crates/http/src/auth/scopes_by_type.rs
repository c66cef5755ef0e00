//! Scopes as types, so that a handler's signature says what its route asks for.

use tender_domain::kernel::Scope;

/// A scope as a type.
pub trait RouteScope: 'static {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! scope_types {
    ($($name:ident),* $(,)?) => {
        /// One type per scope, for [`Authorized`](crate::Authorized).
        pub mod scopes {
            $(
                #[doc = concat!("The scope [`Scope::", stringify!($name), "`](tender_domain::kernel::Scope).")]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;

                impl super::RouteScope for $name {
                    const SCOPE: tender_domain::kernel::Scope = tender_domain::kernel::Scope::$name;
                }
            )*
        }

        #[cfg(test)]
        const TYPED: &[Scope] = &[$(Scope::$name),*];
    };
}

scope_types! {
    IntentsRead, IntentsWrite, IntentsResolve, MethodsRead, MethodsWrite, MethodsAttach, RefundsRead, RefundsWrite, RefundsResolve,
    DisputesRead, DisputesWrite, DisputesResolve, ConnectorsRead, ConnectorsWrite, FraudRead, FraudWrite, OrdersRead, OrdersWrite,
    LedgerRead, SettlementsRead, SettlementsWrite, KeysRead, KeysWrite, SettingsRead, SettingsWrite, WebhooksWrite,
    AuditRead, DiagnosticsRead, VaultRead, VaultWrite, SandboxUse, ServiceInternal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_its_type() {
        assert_eq!(TYPED, Scope::ALL);
    }
}
