//! What a mutating request brings: its body, and its idempotency key.

mod body;
mod decode;
mod depth;
mod fingerprint;
mod key;
mod optional;
mod replay;
mod request;

pub use decode::parse_json;
pub use fingerprint::FingerprintKey;
pub use key::{RequestKey, route_of};
pub use optional::OptionalBody;
pub use replay::{Replay, replay_or_conflict};
pub use request::Command;
