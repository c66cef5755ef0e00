//! The intents aggregates.
