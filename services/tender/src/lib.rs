//! tender

pub mod check;
