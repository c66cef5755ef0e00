//! The layers: built-in defaults, a file, variables. Each is checked on top of the ones below, so that a
//! mistake is told with the place it was made in.

use std::{collections::BTreeMap, path::Path};

use config::{Config, ConfigError, Environment, File, FileFormat, Map};

use crate::{Settings, SettingsError, validate::validate};

const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// What every variable of Tender begins with.
const PREFIX: &str = "TENDER__";

/// OpenTelemetry's own variable, taken beside ours because every collector's manual names it.
const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

impl Settings {
    /// Reads the defaults, `file` if one is named, and the process's environment, in this order; later wins,
    /// key by key. Settings that come back are [valid](SettingsError).
    ///
    /// # Errors
    /// The first mistake found, with its origin: an unreadable file, an unknown setting or variable, a value
    /// of the wrong type or out of range, or one that is refused in production.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let mut variables = Vec::new();
        for (name, value) in std::env::vars_os() {
            // A variable of another program need not be Unicode and is none of our business.
            let Ok(name) = name.into_string() else {
                continue;
            };
            match value.into_string() {
                Ok(value) => variables.push((name, value)),
                Err(_) if name.starts_with(PREFIX) => {
                    let problem = "its value is not UTF-8 text".to_owned();
                    return Err(SettingsError::Invalid { origin: format!("variable {name}"), problem });
                }
                Err(_) => {}
            }
        }
        Self::from_layers(file, variables)
    }

    /// As [`Settings::load`], with the environment given: for tests, and for one process that plays several.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_layers(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        read(&builder).map_err(|problem| invalid("config/default.toml", &problem))?;

        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| SettingsError::File { path: path.to_owned(), problem: error.to_string() })?;
            let with_file = builder.clone().add_source(File::from_str(&text, FileFormat::Toml));
            read(&with_file).map_err(|problem| match problem {
                ConfigError::FileParse { cause, .. } => {
                    SettingsError::File { path: path.to_owned(), problem: cause.to_string() }
                }
                other => invalid(&format!("settings file {}", path.display()), &other),
            })?;
            builder = with_file;
        }

        let variables = ours(variables);
        let settings = read(&builder.clone().add_source(environment(&variables))).map_err(|problem| {
            // Which variable is it? The one that fails alone; every setting can stand alone.
            variables
                .iter()
                .find_map(|(name, value)| {
                    let problem = read(&builder.clone().add_source(environment([(name, value)]))).err()?;
                    Some(invalid(&format!("variable {name}"), &problem))
                })
                .unwrap_or_else(|| invalid("the variables TENDER__…", &problem))
        })?;
        validate(&settings)?;
        Ok(settings)
    }
}

/// Only Tender's variables, in order of their names. Empty ones count as unset: that is how compose files and
/// shells write "nothing".
fn ours(variables: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut ours = BTreeMap::new();
    for (name, value) in variables {
        if value.is_empty() {
            continue;
        }
        if name == OTLP_ENDPOINT {
            ours.entry(format!("{PREFIX}TELEMETRY__OTLP_ENDPOINT")).or_insert(value);
        } else if name.starts_with(PREFIX) {
            ours.insert(name, value);
        }
    }
    ours
}

fn environment<'a>(variables: impl IntoIterator<Item = (&'a String, &'a String)>) -> Environment {
    // Values stay text until a field asks for a number: guessing would turn the password 0123 into 123.
    let variables: Map<String, String> =
        variables.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Environment::with_prefix("TENDER").prefix_separator("__").separator("__").source(Some(variables))
}

fn read(builder: &config::ConfigBuilder<config::builder::DefaultState>) -> Result<Settings, ConfigError> {
    builder.build_cloned()?.try_deserialize()
}

/// Turns the library's error into one sentence: setting, what was found, what is expected.
fn invalid(origin: &str, problem: &ConfigError) -> SettingsError {
    let problem = match problem {
        ConfigError::Type { unexpected, expected, key, .. } => {
            format!("setting {}: expected {expected}, found {unexpected}", name(key.as_ref()))
        }
        ConfigError::At { error, key, .. } => format!("setting {}: {error}", name(key.as_ref())),
        other => other.to_string(),
    };
    SettingsError::Invalid { origin: origin.to_owned(), problem }
}

fn name(key: Option<&String>) -> &str {
    key.map_or("(whole)", String::as_str)
}
