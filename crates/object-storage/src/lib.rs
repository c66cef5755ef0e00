//! Object storage: what holds the contents of uploads.
//!
//! **What lives here.** The adapters of [`ObjectStorage`](tender_domain::uploads::ObjectStorage): [`LocalFolder`], a folder
//! that clients reach through the service, and [`S3Bucket`], a bucket that they reach by signed requests of its own.
//!
//! **What never does.** Who may put or read what, for how long, and what becomes of it: that is the hexagon's. No other
//! crate names `object_store`.
//!
//! **How to add one.** A file with an adapter of the port, a kind in the settings, and the same promises in `tests/`.

mod local;
mod s3;

pub use local::LocalFolder;
pub use s3::{S3Bucket, S3Options};
