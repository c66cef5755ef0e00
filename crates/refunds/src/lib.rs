//! tender-refunds
