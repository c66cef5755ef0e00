//! The hosted payment page: rendered here, without a script, so that it works in every browser.
//!
//! Card data never comes here: the card form goes to the vault's own route.

mod routes;
mod views;

pub(crate) use routes::{confirm, pay, returned, review, status, stylesheet};
pub(crate) use views::page;
