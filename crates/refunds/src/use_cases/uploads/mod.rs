//! Uploads: declared, put, read, taken as evidence, and removed.

mod content;
mod declare;
mod remove;
mod take;

pub(crate) use content::GivenLink;
pub(super) use declare::waiting;
pub use declare::{DeclareUpload, FileLink, UploadPresenter};
pub use take::WantedFile;
