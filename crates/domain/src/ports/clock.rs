use crate::kernel::Timestamp;

/// The time. Use cases never read a clock of their own, so that a test can turn it.
pub trait Clock: Send + Sync {
    /// Now, in microseconds (what a database keeps).
    fn now(&self) -> Timestamp;
}
