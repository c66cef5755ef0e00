//! What of PCI DSS 4.0 the vault can measure of itself.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::kernel::{SecretReadId, StoreError, TenantId, Timestamp, find_card_number};

use super::{ReadPurpose, Reader};

/// The most places that a scan's result names; how many there are is counted beyond it.
pub const SCAN_FINDINGS_MAX: usize = 100;

/// A place where something stands that looks like a card number. Never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScanFinding {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Where the row is in its table (its `ctid` at the time).
    pub place: String,
}

/// One scan of the vault's own tables, as far as it is a tenant's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardNumberScan {
    /// Whose rows.
    pub tenant: TenantId,
    /// When the scan of all tables began; all tenants' parts of one scan have the same.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How many rows of the tenant were read.
    pub rows: u64,
    /// In how many places something looks like a card number.
    pub found: u64,
    /// Those places, at most [`SCAN_FINDINGS_MAX`].
    pub findings: Vec<ScanFinding>,
}

/// A row as the scan sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedRow {
    /// Whose.
    pub tenant: TenantId,
    /// Where it is in its table.
    pub place: String,
    /// Every column that can hold a card number, with its text.
    pub texts: Vec<(String, String)>,
}

/// How often a reader read secrets for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCount {
    /// Who.
    pub reader: Reader,
    /// For what.
    pub purpose: ReadPurpose,
    /// How often.
    pub reads: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// Whether a text of a table holds a card number that stands for itself: words in which digits stand beside letters (ids,
/// with their prefixes, and digests) are none.
#[must_use]
pub fn shows_card_number(text: &str) -> bool {
    if text.bytes().filter(u8::is_ascii_digit).count() < 12 {
        return false;
    }
    let mut bare = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let letters = word.bytes().any(|byte| byte.is_ascii_alphabetic());
        bare.push_str(if letters { "x " } else { word });
    }
    find_card_number(&bare).is_err()
}

/// What an attestation is made of.
#[async_trait]
pub trait AttestationStore: Send + Sync {
    /// The tables that hold tenants' rows, all that the schema has.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn scanned_tables(&self) -> Result<Vec<String>, StoreError>;

    /// The rows of one of these tables in page `page`, from 0; none after the last page.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn scanned_page(&self, table: &str, page: u32) -> Result<Option<Vec<ScannedRow>>, StoreError>;

    /// Keeps what a scan came to, for each tenant that it met.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn keep_scans(&self, scans: &[CardNumberScan]) -> Result<(), StoreError>;

    /// The tenant's part of the last scan.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn last_scan(&self, tenant: &TenantId) -> Result<Option<CardNumberScan>, StoreError>;

    /// When the last scan ended, of any tenant.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn last_scanned(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Who read the tenant's secrets since then, and how often; at most a hundred.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn read_counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Vec<ReadCount>, StoreError>;

    /// How many of these lines of the log of the tenant's secret reads are there.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn lines_there(&self, tenant: &TenantId, lines: &[SecretReadId]) -> Result<u64, StoreError>;

    /// When the tenant's last rotation that was completed ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn last_rotation(&self, tenant: &TenantId) -> Result<Option<Timestamp>, StoreError>;

    /// Whether the role that the service has could change or delete lines of the log of secret reads.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn can_change_the_log(&self) -> Result<bool, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::shows_card_number;

    #[test]
    fn a_card_number_is_found_where_it_stands_for_itself_and_not_within_ids_and_digests() {
        for (text, shown) in [
            ("4242424242424242", true),
            ("{\"note\": \"4242 4242 4242 4242\"}", true),
            ("paid with 4000-0566-5566-5556, thanks", true),
            ("..4242424242424242.", true),
            ("{\"fingerprint\":\"a4242424242424242f\"}", false),
            ("pm_4242424242424242", false),
            ("2026-03-04T12:00:00Z 1764000000000000", false),
            ("4242424242424241", false),
            ("", false),
        ] {
            assert_eq!(shows_card_number(text), shown, "{text}");
        }
    }
}
