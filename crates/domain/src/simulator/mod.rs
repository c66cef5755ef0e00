//! The simulated gateway's books: what it did for whom, and the money that moved. Simulated money, real laws: the
//! books are kept as strictly as ours, because tests compare the two.

mod callback;
mod evidence;
mod operation;
mod payment;
mod ports;
mod refusal;

pub use callback::BookedCallback;
pub use evidence::admit_files;
pub use operation::{BookedOperation, BookedOutcome, LateRefund};
pub use payment::BookedPayment;
pub use ports::{BookEntry, BookTotals, CallbackTarget, Recorded, SignedCallback, SimulatorBooks};
pub use refusal::BookRefusal;
