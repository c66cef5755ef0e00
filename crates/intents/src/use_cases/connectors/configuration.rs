//! What a connector is set up with: what of it is shown, and what is a secret.

use std::collections::BTreeMap;

use secrecy::SecretString;
use tender_domain::connectors::{Connector, ConnectorRefusal, Credentials, GatewayType};

/// A configuration, parted into what is shown and what is a secret.
pub(super) struct Parted {
    pub(super) plain: BTreeMap<String, String>,
    pub(super) secrets: Credentials,
}

/// Parts a configuration by what the type says of its fields. A field that it does not know is refused: a secret under
/// a wrong name would be shown else.
pub(super) fn parted(
    kind: &GatewayType,
    config: BTreeMap<String, SecretString>,
) -> Result<Parted, ConnectorRefusal> {
    use secrecy::ExposeSecret as _;
    let mut parted = Parted { plain: BTreeMap::new(), secrets: Credentials::new() };
    for (name, value) in config {
        let bad = |problem: String| ConnectorRefusal::BadField { field: name.clone(), problem };
        let Some(field) = kind.fields.iter().find(|field| field.name == name) else {
            let known: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            let known = known.join(", ");
            return Err(bad(format!(
                "connectors of type `{}` have no such field; they have: {known}",
                kind.name
            )));
        };
        if value.expose_secret().chars().count() > Connector::VALUE_CHARS {
            return Err(bad(format!("has at most {} characters", Connector::VALUE_CHARS)));
        }
        if field.secret {
            if value.expose_secret().trim().is_empty() {
                return Err(bad("must not be empty".to_owned()));
            }
            parted.secrets.insert(name, value);
        } else {
            parted.plain.insert(name, value.expose_secret().to_owned());
        }
    }
    Ok(parted)
}

/// That a change leaves the account what it is.
pub(super) fn same_account(
    kind: &GatewayType,
    before: &Connector,
    after: &Connector,
) -> Result<(), ConnectorRefusal> {
    let moved = |name: &str| before.config.get(name) != after.config.get(name);
    match kind.fields.iter().find(|field| field.account && moved(field.name)) {
        None => Ok(()),
        Some(field) => {
            let problem = "names the account, of which there may be payments: register another connector";
            Err(ConnectorRefusal::BadField { field: field.name.to_owned(), problem: problem.to_owned() })
        }
    }
}

/// That what the gateway cannot do without is there.
pub(super) fn complete(
    kind: &GatewayType,
    is_there: impl Fn(&str) -> bool,
    of_secrets: bool,
) -> Result<(), ConnectorRefusal> {
    let mut wanted = kind.fields.iter().filter(|field| field.required && field.secret == of_secrets);
    match wanted.find(|field| !is_there(field.name)) {
        None => Ok(()),
        Some(missing) => {
            let problem = format!("a connector of type `{}` needs it", kind.name);
            Err(ConnectorRefusal::BadField { field: missing.name.to_owned(), problem })
        }
    }
}
