//! The operations aggregates.
