//! A real browser for tests of the pages that people see.
//!
//! **What lives here.** A Chromium without a window, driven by WebDriver through `chromedriver` ([`Browser`]): as large as
//! a phone, with or without JavaScript, keeping a picture of what it shows. `tests/` has the paths that it walks.
//!
//! **What never does.** A promise that needs no browser: those are `tests/e2e`'s.
//!
//! **How it runs.** `make browser` installs what lacks and runs it. Under `cargo test` it is ignored, and says so.

mod browser;
mod page;

pub use browser::{Browser, Screen};
