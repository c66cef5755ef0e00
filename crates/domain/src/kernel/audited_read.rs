//! Which reads the audit log keeps: those of personal and payment data by people (contract §2 "Auth").

use super::{Caller, Credential, Scope};

impl Scope {
    /// Whether it lets one read what is about people or their payments. Only what is about a tenant's own set-up is not:
    /// its settings, its API keys, the vault's keys. A new scope that reads is, until it is named here.
    #[must_use]
    pub fn reads_people_or_payments(self) -> bool {
        let reads = self.as_str().ends_with(":read");
        reads && !matches!(self, Self::SettingsRead | Self::KeysRead | Self::VaultRead)
    }
}

impl Caller {
    /// Whether a person may be behind it: whoever calls by a token. A machine that has a token is not told from a person.
    /// Keys are machines', a client secret is its payer's own, and services ask for what somebody asked them.
    #[must_use]
    pub const fn may_be_a_person(&self) -> bool {
        matches!(self.credential, Credential::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_that_reads_is_of_people_or_payments_but_those_of_the_set_up() {
        let others: Vec<&str> = Scope::ALL
            .iter()
            .filter(|scope| !scope.reads_people_or_payments())
            .map(|scope| scope.as_str())
            .filter(|text| text.ends_with(":read"))
            .collect();
        assert_eq!(others, ["keys:read", "settings:read", "vault:read"]);
        assert!(Scope::AuditRead.reads_people_or_payments(), "who looked into the log is in the log");
        assert!(!Scope::IntentsWrite.reads_people_or_payments(), "a change is audited by what changes");
    }
}
