//! The rentals document (seed `003_…`): a user's payment methods.

mod body;
mod methods;
mod request;

pub(super) use methods::{add, delete, list};
