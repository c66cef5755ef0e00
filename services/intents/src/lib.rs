//! tender-intents-service
