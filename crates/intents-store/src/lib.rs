//! tender-intents-store
