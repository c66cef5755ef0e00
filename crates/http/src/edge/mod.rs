//! What every request passes on its way in and out, whatever its route.

mod arrive;
mod leave;
mod pass;
mod room;
mod routes;

pub(crate) use pass::{EdgeRules, pass};
pub(crate) use room::Room;
pub use routes::DeclaredRoute;
pub(crate) use routes::{RouteTable, unmatched};
