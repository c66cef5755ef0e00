//! The hotels document, with the annex's routes: deposits and payments of stays on the gateway's own page (seed `002_…`).

mod body;
mod coming;
mod links;
mod payments;
mod request;
mod reservations;
mod settings;
mod settings_body;

pub(super) use coming::{notified, notified_by_get, returned};
pub(super) use links::{cancel_link, create_link, get_link, send_link};
pub(super) use payments::{get, pay};
pub(super) use reservations::{change, reserve};
pub(super) use settings::{get_settings, put_settings};
