//! Callbacks of gateways: taken in and kept first, acted on after, once.

mod act;
mod alerts;
mod hand_over;
mod intake;
mod payload;

pub use intake::GatewayCallbacks;
pub(crate) use payload::masked;
