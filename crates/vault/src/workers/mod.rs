//! Work that nobody waits for.

mod key_rotation;

pub use key_rotation::KeyRotationWorker;
