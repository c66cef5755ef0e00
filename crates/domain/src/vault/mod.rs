//! The vault aggregates.
