//! `tender demo`: a storefront's day against a running Tender, told in plain words on the terminal.
//!
//! It is a client like any other: it knows Tender's public HTTP interface and an API key, and nothing of the code
//! behind. `story` holds the day, one file a scene; `api` the calls; `wire` what it reads of the answers; `stage` what
//! the terminal shows; `waiting` the waits, each with a limit. Whatever is not as the story expects ends it with an
//! error, so that the demo is also a test of an installation.
//!
//! **How to add a scene.** Write it in `story/`, take a [`Stage`](stage::Stage) and the [`Api`](api::Api), tell the
//! [`Day`](story::Day) of every payment that moved money, and name it in `story/mod.rs`.

mod api;
mod arguments;
mod error;
mod run;
mod stage;
mod story;
mod waiting;
mod wire;

pub use arguments::DemoArguments;
pub use error::DemoError;
pub use run::demo;
