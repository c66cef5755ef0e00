//! tender-postgres
