use std::sync::Arc;

use crate::kernel::{KeyId, Limits, Scope, ScopeSet, TenantId, Timestamp, Version, find_card_number};
use crate::ports::{ApiKeyGrant, ApiKeyLookup};

use super::{ApiKeyCommand, ApiKeyEvent, ApiKeyRefusal, ApiKeyStatus};

/// What a publishable key may have: it is read out of a browser by anybody who looks.
pub const PUBLISHABLE_SCOPES: &[Scope] = &[Scope::MethodsAttach];

/// What may be shown of a key's text: its prefix and its last four characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedKey {
    /// `sk_test_`, `pk_live_` …
    pub prefix: String,
    /// The last four characters.
    pub last4: String,
}

/// An API key, as we keep it: never its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub tenant: TenantId,
    /// How often it was committed.
    pub version: Version,
    /// How people call it.
    pub name: String,
    /// The keyed hash of its text: what a request is looked up by.
    pub lookup: ApiKeyLookup,
    /// What may be shown of it.
    pub masked: MaskedKey,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Whether it may be in a browser (`pk_`).
    pub publishable: bool,
    /// Whether it is for live money.
    pub livemode: bool,
    /// When it stops to count; none is never.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Who issued it: a caller's subject, or `command` for the command line.
    pub issued_by: Arc<str>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Issues a key whose text has been made and hashed.
#[derive(Debug, Clone)]
pub struct IssueApiKey {
    /// Its id.
    pub id: KeyId,
    /// Whose it is to be.
    pub tenant: TenantId,
    /// How people call it.
    pub name: String,
    /// The keyed hash of its text.
    pub lookup: ApiKeyLookup,
    /// What may be shown of it.
    pub masked: MaskedKey,
    /// What it is to do.
    pub scopes: ScopeSet,
    /// Whether it is to be in a browser.
    pub publishable: bool,
    /// Whether it is for live money.
    pub livemode: bool,
    /// When it is to stop.
    pub expires_at: Option<Timestamp>,
    /// Who issues it.
    pub issued_by: Arc<str>,
    /// What the issuer may do itself: nobody gives what they do not have.
    pub issuer_scopes: ScopeSet,
}

impl ApiKey {
    /// A new key.
    ///
    /// # Errors
    /// When the name is bad, or a scope is none of the issuer's, of a publishable key's, or of any key's.
    pub fn issue(command: IssueApiKey, now: Timestamp) -> Result<(Self, ApiKeyEvent), ApiKeyRefusal> {
        let name = command.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > Limits::REFERENCE_CHARS {
            return Err(ApiKeyRefusal::BadName);
        }
        find_card_number(&name)?;
        check_scopes(&command)?;
        let key = Self {
            id: command.id,
            tenant: command.tenant,
            version: Version::FIRST,
            name,
            lookup: command.lookup,
            masked: command.masked,
            scopes: command.scopes,
            publishable: command.publishable,
            livemode: command.livemode,
            expires_at: command.expires_at,
            revoked_at: None,
            issued_by: command.issued_by,
            created_at: now,
            updated_at: now,
        };
        Ok((key, ApiKeyEvent::Issued))
    }

    /// Takes the key back, for ever; none when it was before.
    #[must_use]
    pub fn revoke(&self, now: Timestamp) -> Option<(Self, ApiKeyEvent)> {
        ApiKeyCommand::Revoke.leads_to(self.status(now))?;
        let revoked =
            Self { version: self.version.next(), revoked_at: Some(now), updated_at: now, ..self.clone() };
        Some((revoked, ApiKeyEvent::Revoked { at: now }))
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> ApiKeyStatus {
        ApiKeyStatus::at(now, self.expires_at, self.revoked_at)
    }

    /// What services may know of it.
    #[must_use]
    pub fn grant(&self) -> ApiKeyGrant {
        ApiKeyGrant {
            id: self.id,
            tenant: self.tenant.clone(),
            publishable: self.publishable,
            livemode: self.livemode,
            scopes: self.scopes,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        }
    }
}

fn check_scopes(command: &IssueApiKey) -> Result<(), ApiKeyRefusal> {
    if command.scopes == ScopeSet::EMPTY {
        return Err(ApiKeyRefusal::NoScope);
    }
    for scope in command.scopes.iter() {
        if !ScopeSet::all_of_a_tenant().contains(scope) {
            return Err(ApiKeyRefusal::ReservedScope(scope));
        }
        if !command.issuer_scopes.contains(scope) {
            return Err(ApiKeyRefusal::ExceedsIssuer(scope));
        }
        if command.publishable && !PUBLISHABLE_SCOPES.contains(&scope) {
            return Err(ApiKeyRefusal::NotPublishable(scope));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = DateTime::UNIX_EPOCH;

    fn scopes(scopes: &[Scope]) -> ScopeSet {
        scopes.iter().copied().collect()
    }

    fn command(given: &[Scope]) -> IssueApiKey {
        IssueApiKey {
            id: KeyId::from_uuid(Uuid::from_u128(7)),
            tenant: TenantId::sandbox(),
            name: " storefront ".to_owned(),
            lookup: ApiKeyLookup([7; 32]),
            masked: MaskedKey { prefix: "sk_test_".to_owned(), last4: "aB3z".to_owned() },
            scopes: scopes(given),
            publishable: false,
            livemode: false,
            expires_at: Some(NOW + TimeDelta::days(30)),
            issued_by: Arc::from("command"),
            issuer_scopes: ScopeSet::all_of_a_tenant(),
        }
    }

    fn issued() -> ApiKey {
        ApiKey::issue(command(&[Scope::IntentsRead]), NOW).expect("a good command").0
    }

    /// The whole machine: (status, command) → status, or none where nothing is to be done.
    #[test]
    fn every_status_answers_every_command_as_listed() {
        let table = [
            (ApiKeyStatus::Active, ApiKeyCommand::Revoke, Some(ApiKeyStatus::Revoked)),
            (ApiKeyStatus::Expired, ApiKeyCommand::Revoke, Some(ApiKeyStatus::Revoked)),
            (ApiKeyStatus::Revoked, ApiKeyCommand::Revoke, None),
        ];
        assert_eq!(table.len(), ApiKeyStatus::ALL.len() * ApiKeyCommand::ALL.len(), "a pair is missing");
        for (status, command, then) in table {
            assert_eq!(command.leads_to(status), then, "{status:?} {command:?}");
            let (key, at) = match status {
                ApiKeyStatus::Active => (issued(), NOW),
                ApiKeyStatus::Expired => (issued(), NOW + TimeDelta::days(30)),
                ApiKeyStatus::Revoked => (issued().revoke(NOW).expect("is active").0, NOW),
            };
            assert_eq!(key.status(at), status);
            let after = key.revoke(at).map(|(after, _)| after);
            assert_eq!(after.as_ref().map(|after| after.status(at)), then);
            assert_eq!(after.map(|after| after.version), then.map(|_| key.version.next()));
        }
    }

    #[test]
    fn a_new_key_is_active_named_without_the_blanks_and_of_version_one() {
        let key = issued();
        assert_eq!(
            (key.status(NOW), key.name.as_str(), key.version),
            (ApiKeyStatus::Active, "storefront", Version::FIRST)
        );
    }

    #[test]
    fn nobody_gives_a_scope_they_do_not_have() {
        let mut given = command(&[Scope::IntentsRead, Scope::RefundsWrite]);
        given.issuer_scopes = scopes(&[Scope::IntentsRead, Scope::KeysWrite]);
        assert_eq!(ApiKey::issue(given, NOW).err(), Some(ApiKeyRefusal::ExceedsIssuer(Scope::RefundsWrite)));
    }

    #[test]
    fn no_key_can_have_what_only_services_may_even_if_the_issuer_could() {
        let mut given = command(&[Scope::ServiceInternal]);
        given.issuer_scopes = Scope::ALL.iter().copied().collect();
        assert_eq!(
            ApiKey::issue(given, NOW).err(),
            Some(ApiKeyRefusal::ReservedScope(Scope::ServiceInternal))
        );
    }

    #[test]
    fn a_publishable_key_can_only_have_what_a_browser_may_do() {
        for scope in ScopeSet::all_of_a_tenant().iter() {
            let given = IssueApiKey { publishable: true, ..command(&[scope]) };
            let allowed = ApiKey::issue(given, NOW).is_ok();
            assert_eq!(allowed, PUBLISHABLE_SCOPES.contains(&scope), "{scope}");
        }
    }

    #[test]
    fn a_key_needs_a_name_and_a_scope() {
        assert_eq!(ApiKey::issue(command(&[]), NOW).err(), Some(ApiKeyRefusal::NoScope));
        for name in ["", "  ", &"x".repeat(256)] {
            let given = IssueApiKey { name: name.to_owned(), ..command(&[Scope::IntentsRead]) };
            assert_eq!(ApiKey::issue(given, NOW).err(), Some(ApiKeyRefusal::BadName));
        }
        let given =
            IssueApiKey { name: "for 4242 4242 4242 4242".to_owned(), ..command(&[Scope::IntentsRead]) };
        assert!(matches!(ApiKey::issue(given, NOW), Err(ApiKeyRefusal::CardNumber(_))));
    }
}
