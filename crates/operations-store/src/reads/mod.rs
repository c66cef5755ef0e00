//! The reads, one aggregate a file.

mod api_keys;
mod settings;
mod tenants;

pub(crate) use api_keys::{api_key, api_key_by_lookup, api_keys};
pub(crate) use settings::settings;
pub(crate) use tenants::{tenant, tenants, tenants_without_settings};
