//! What every request passes on its way in and out, whatever its route.

mod arrive;
mod calls;
mod leave;
mod origins;
mod pass;
mod room;
mod routes;

pub use calls::{CallLog, PersonsCall};
pub(crate) use calls::{Calls, put_down_impersonation};
pub use origins::AllowedOrigins;
pub(crate) use pass::{EdgeRules, pass};

pub(crate) use room::Room;
pub use routes::DeclaredRoute;
pub(crate) use routes::{RouteTable, unmatched};
