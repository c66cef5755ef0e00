//! Settings that arrive as text because a variable is nothing else: lists with commas, names of a choice.

use std::{fmt::Display, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IntoDeserializer, value::StringDeserializer},
};

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(String),
}

/// Reads `["a", "b"]`, or `"a,b"` as a variable has it. Empty parts are ignored.
pub(crate) fn comma_separated<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + FromStr,
    T::Err: Display,
{
    match OneOrMany::deserialize(deserializer)? {
        OneOrMany::Many(items) => Ok(items),
        OneOrMany::One(text) => text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                part.parse().map_err(|error| D::Error::custom(format!("`{part}` in the list: {error}")))
            })
            .collect(),
    }
}

/// Reads the name of a choice. The library's own way tells what was found but not what there is to choose from.
pub(crate) fn choice<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> Deserialize<'a>,
{
    let name: StringDeserializer<D::Error> = String::deserialize(deserializer)?.into_deserializer();
    T::deserialize(name)
}

/// As [`choice`], for a setting that is unset by default.
pub(crate) fn optional_choice<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> Deserialize<'a>,
{
    choice(deserializer).map(Some)
}
