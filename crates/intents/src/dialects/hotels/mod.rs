//! The hotels document, with the annex's routes: deposits and payments of stays on the gateway's own page (seed `002_…`).

mod body;
mod coming;
mod links;
mod payments;
mod request;
mod reservations;
mod settings;
mod settings_body;

pub(crate) use body::{PRESENTER as HOTELS_PRESENTER, open_page};
pub(super) use coming::{notified, notified_by_get, returned};
pub(super) use links::{cancel_link, create_link, get_link, send_link};
pub(super) use payments::{get, pay};
pub(super) use reservations::{change, reserve};
pub(crate) use reservations::{day, deposit_link, deposit_page};
pub(super) use settings::{get_settings, put_settings};
