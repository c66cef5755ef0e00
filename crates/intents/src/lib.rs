//! tender-intents
