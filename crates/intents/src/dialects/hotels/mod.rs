//! The hotels document, with the annex's routes: deposits and payments of stays on the gateway's own page (seed `002_…`).

mod body;
mod coming;
mod payments;
mod request;

pub(super) use coming::{notified, notified_by_get, returned};
pub(super) use payments::{get, pay};
