//! The refunds aggregates.
