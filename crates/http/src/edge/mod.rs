//! What every request passes on its way in and out, whatever its route.

mod arrive;
mod leave;
mod pass;
mod routes;

pub(crate) use pass::pass;
pub use routes::DeclaredRoute;
pub(crate) use routes::{RouteTable, unmatched};
