//! The PCI attestation: what of PCI DSS 4.0 the vault measures of itself, when it is asked.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use tender_domain::kernel::{Caller, Timestamp, to_micros};
use tender_domain::vault::{CardNumberScan, DataKey, KeyPurpose, ReadCount};

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
            sealed_otherwise += keys.count_sealed_otherwise(tenant, current.id).await?;
            current_keys.insert(*purpose, current);
        }
        let process = self.deps.process.clone();
        let logs_are_masked = process.log_mask.is_some_and(|mask| !mask(TEST_NUMBER).contains(TEST_NUMBER));
        Ok(Attestation {
            measured_at: now,
            current_keys,
            retiring_keys,
            last_rotation: store.last_rotation(tenant).await?,
            sealed_otherwise,
            reads: store.read_counts(tenant, now - TimeDelta::days(READS_DAYS)).await?,
            log_can_be_changed: store.can_change_the_log().await?,
            last_scan: store.last_scan(tenant).await?,
            logs_are_masked,
            process,
        })
    }
}
