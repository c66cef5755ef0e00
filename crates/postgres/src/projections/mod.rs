//! Copies of other services' state that every service keeps in its own schema (tables of `migrations/spine`).

mod api_keys;

pub use api_keys::PgApiKeyProjection;
