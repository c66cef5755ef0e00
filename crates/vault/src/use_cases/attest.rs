//! The PCI attestation: what of PCI DSS 4.0 the vault measures of itself, when it is asked.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use tender_domain::kernel::{Caller, TenantId, Timestamp, to_micros};
use tender_domain::vault::{CardNumberScan, DataKey, KeyPurpose, ReadCount, SECRET_READS_KEPT_AT_LEAST};

use crate::{ProcessFacts, VaultError, VaultService};

/// The end of a data key's cryptoperiod.
pub(crate) const KEY_AGE_MAX_DAYS: i64 = 365;
/// How old the last scan may be.
pub(crate) const SCAN_AGE_MAX_HOURS: i64 = 48;
/// Of how many days secret reads are counted.
pub(crate) const READS_DAYS: i64 = 90;

/// A published test number, by which it is measured whether logs are masked.
const TEST_NUMBER: &str = "4111111111111111";

/// What was measured.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// When.
    pub measured_at: Timestamp,
    /// The keys that seal now, by purpose; none where nothing was sealed yet.
    pub current_keys: BTreeMap<KeyPurpose, DataKey>,
    /// How many older keys still open something.
    pub retiring_keys: usize,
    /// When the last completed rotation ended.
    pub last_rotation: Option<Timestamp>,
    /// How many records are sealed otherwise than under the current key.
    pub sealed_otherwise: u64,
    /// Who read secrets in the last [`READS_DAYS`] days.
    pub reads: Vec<ReadCount>,
    /// How many of the newest reads of this process were looked for in the log of reads.
    pub reads_looked_for: u64,
    /// How many of them have their line there.
    pub reads_found: u64,
    /// Whether the service's role could change the log of those reads.
    pub log_can_be_changed: bool,
    /// The last scan for card numbers; none when nothing of the tenant has been scanned yet.
    pub last_scan: Option<CardNumberScan>,
    /// Whether a card number is masked in logs.
    pub logs_are_masked: bool,
    /// The process.
    pub process: ProcessFacts,
}

impl VaultService {
    /// Measures. Nothing in it is kept from an earlier time but what a scan or a rotation came to.
    ///
    /// # Errors
    /// `Store`.
    pub async fn attest(&self, caller: &Caller) -> Result<Attestation, VaultError> {
        let (tenant, now) = (&caller.tenant, to_micros(self.deps.clock.now()));
        let (store, keys) = (&self.deps.attestation, &self.deps.key_store);
        let (mut current_keys, mut retiring_keys, mut sealed_otherwise) = (BTreeMap::new(), 0, 0);
        for purpose in KeyPurpose::ALL {
            let mut usable = keys.usable_keys(tenant, *purpose).await?.into_iter();
            let Some(current) = usable.next() else { continue };
            retiring_keys += usable.count();
            sealed_otherwise += keys.count_sealed_otherwise(tenant, *purpose, current.id).await?;
            current_keys.insert(*purpose, current);
        }
        let (reads_looked_for, reads_found) = self.logged_reads(tenant, now).await?;
        let process = self.deps.process.clone();
        let logs_are_masked = process.log_mask.is_some_and(|mask| !mask(TEST_NUMBER).contains(TEST_NUMBER));
        Ok(Attestation {
            measured_at: now,
            current_keys,
            retiring_keys,
            last_rotation: store.last_rotation(tenant).await?,
            sealed_otherwise,
            reads: store.read_counts(tenant, now - TimeDelta::days(READS_DAYS)).await?,
            reads_looked_for,
            reads_found,
            log_can_be_changed: store.can_change_the_log().await?,
            last_scan: store.last_scan(tenant).await?,
            logs_are_masked,
            process,
        })
    }

    /// How many of the tenant's newest reads are looked for in the log, and how many are there. What waits to be written is
    /// written first, so that a line is missing only where the log does not take it, or somebody took it away.
    async fn logged_reads(&self, tenant: &TenantId, now: Timestamp) -> Result<(u64, u64), VaultError> {
        let lines = self.reads.newest(tenant, now - SECRET_READS_KEPT_AT_LEAST);
        if let Err(error) = self.reads.flush().await {
            tracing::warn!(%error, "the log of secret reads cannot be written, and is attested as it stands");
        }
        let found = self.deps.attestation.lines_there(tenant, &lines).await?;
        Ok((lines.len() as u64, found))
    }
}
