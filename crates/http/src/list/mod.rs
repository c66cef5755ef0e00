//! Lists: which page, which rows, and the answer.

mod cursor;
mod paginated;
mod query;
mod text;

pub use paginated::Paginated;
pub use query::{CreatedRange, ListQuery, MetadataFilter, NoFilter, PageQuery, PlainQuery};
