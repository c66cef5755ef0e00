//! A body that may be left out.

use std::ops::Deref;

use serde::{Deserialize, Deserializer};

/// A body that may be empty or `null`, and is then `T::default()`: `Command<OptionalBody<CaptureBody>>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionalBody<T>(pub T);

impl<T> OptionalBody<T> {
    /// The body.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for OptionalBody<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for OptionalBody<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(|body| Self(body.unwrap_or_default()))
    }
}
