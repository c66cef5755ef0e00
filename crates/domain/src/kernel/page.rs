//! Pages of lists: by key, newest first, never by offset.

use uuid::Uuid;

use super::Limits;

/// Where a page begins: at the id of a row that the client has seen. Ids are `UUIDv7`, so their order is time's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub Uuid);

/// Which way to go from the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Older rows (`starting_after`, `cursor`).
    #[default]
    Older,
    /// Newer rows (`ending_before`).
    Newer,
}

/// The page a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows, 1 to 100.
    limit: u32,
    /// From where; none is from the newest.
    pub cursor: Option<Cursor>,
    /// Which way.
    pub direction: Direction,
}

/// The limit is outside 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit must be from 1 to {}", Limits::PAGE_ROWS)]
pub struct InvalidPage;

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: Limits::PAGE_ROWS_DEFAULT, cursor: None, direction: Direction::Older }
    }
}

impl PageRequest {
    /// A page of `limit` rows.
    ///
    /// # Errors
    /// When the limit is not from 1 to 100.
    pub fn new(limit: u32, cursor: Option<Cursor>, direction: Direction) -> Result<Self, InvalidPage> {
        if limit == 0 || limit > Limits::PAGE_ROWS {
            return Err(InvalidPage);
        }
        Ok(Self { limit, cursor, direction })
    }

    /// How many rows at most.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit as usize
    }

    /// How many rows a store reads: one more than the page, to know whether there are more.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One page, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Whether there are more rows in the direction asked.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Makes a page of rows read in the direction asked, with up to one row more than the limit
    /// ([`PageRequest::fetch`]): older-going rows come newest first, newer-going rows oldest first.
    #[must_use]
    pub fn from_fetched(request: &PageRequest, mut rows: Vec<T>) -> Self {
        let has_more = rows.len() > request.limit();
        rows.truncate(request.limit());
        if request.direction == Direction::Newer {
            rows.reverse();
        }
        Self { data: rows, has_more }
    }

    /// The page with each row turned into something else.
    #[must_use]
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(turn).collect(), has_more: self.has_more }
    }
}
