//! tender-contract
