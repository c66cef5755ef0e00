//! tender-operations-service
