//! Bounds on what a client may send (contract §8); each named with its unit last.

/// The limits of contract §8.
#[derive(Debug, Clone, Copy)]
pub struct Limits;

impl Limits {
    /// The largest request body.
    pub const BODY_BYTES: usize = 1024 * 1024;
    /// The deepest nesting of a JSON body.
    pub const JSON_DEPTH_LEVELS: usize = 64;
    /// The most keys a metadata object may have.
    pub const METADATA_KEYS: usize = 50;
    /// The longest metadata key.
    pub const METADATA_KEY_CHARS: usize = 40;
    /// The longest metadata value.
    pub const METADATA_VALUE_CHARS: usize = 500;
    /// The longest free text (a description, notes).
    pub const TEXT_CHARS: usize = 1000;
    /// The longest reference that a client makes up (customer id, order reference).
    pub const REFERENCE_CHARS: usize = 255;
    /// The longest `Idempotency-Key`.
    pub const IDEMPOTENCY_KEY_CHARS: usize = 255;
    /// The most rows of one page of a list.
    pub const PAGE_ROWS: u32 = 100;
    /// The rows of a page when the client names no limit.
    pub const PAGE_ROWS_DEFAULT: u32 = 20;
}
