//! tender-refunds-service
