//! tender-refunds-store
