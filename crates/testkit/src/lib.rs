//! What tests stand on: throw-away databases on a real PostgreSQL, a clock that is turned by hand, ids, waiting.
//!
//! **What lives here.** Things that several crates' tests share. Every crate may name this one as a dev-dependency.
//!
//! **What never does.** Anything that ships.
//!
//! **How to use the database.** `TestDatabase::create(&[("intents", MIGRATIONS)])` makes a database of its own on the
//! server that `TENDER_TEST_DATABASE_URL` names (a superuser's URL; `make test` starts one), or on a private cluster
//! of this test process. It is dropped when the value is.

mod clock;
mod database;
mod program;
mod server;
mod wait;

pub use clock::{ManualClock, RandomIds, SystemClock};
pub use database::TestDatabase;
pub use program::assert_program_explains_itself;
pub use wait::eventually;
