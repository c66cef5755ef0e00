//! The tickets document: one route, `POST /tickets/payments`, in six steps (seed `004_…`).

mod envelope;
mod payments;
mod request;

pub(super) use payments::pay;
