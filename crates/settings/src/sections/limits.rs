//! Limits on what comes in and on where calls may go out to.

use serde::Deserialize;

use crate::text::comma_separated;

/// Where outgoing calls (webhooks, return URLs, directories) may go besides public https addresses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// `host:port` of local addresses that are open, for tests and development; refused in production.
    #[serde(deserialize_with = "comma_separated")]
    pub allow: Vec<String>,
}

/// Limits on what a caller may send; the body's size and the request's time are in the `http` section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How deep JSON may be nested, 1 to 127.
    pub json_depth_max: usize,
    /// Keys of one metadata object, at most 1000.
    pub metadata_keys_max: usize,
    /// Characters of one metadata value, at most 10 000.
    pub metadata_value_max_chars: usize,
    /// All header lines of a request together, 1 KiB to 128 KiB.
    pub header_limit_bytes: usize,
    /// The query of a URL, 256 bytes to 64 KiB.
    pub query_limit_bytes: usize,
    /// A file sent to a pre-signed URL, 1 KiB to 1 GiB.
    pub upload_limit_bytes: u64,
    /// Requests in work at once in this process, 1 to 100 000; more are answered 503.
    pub concurrent_requests_max: usize,
}
