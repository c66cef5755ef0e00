//! The hosted payment page: rendered here, without a script, so that it works in every browser.
//!
//! Card data never comes here: the card form goes to the vault's own route. What it says is in `words/`.

mod code;
mod methods;
mod outcome;
mod routes;
mod views;

pub(crate) use outcome::status;
pub(crate) use routes::{choose, confirm, pay, returned, review, stylesheet, words_of};
pub(crate) use views::page;
