//! Scans the vault's own tables for card numbers, once a day, page by page.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tender_domain::kernel::{StoreError, TenantId, Timestamp, to_micros};
use tender_domain::vault::{CardNumberScan, SCAN_FINDINGS_MAX, ScanFinding, ScannedRow, shows_card_number};
use tokio::sync::watch;

use crate::VaultService;

/// How often all tables are scanned.
const PERIOD: TimeDelta = TimeDelta::hours(24);
/// How often it is looked whether it is time.
const LOOK: Duration = Duration::from_secs(60);
/// Between two pages: payments go before.
const PAUSE: Duration = Duration::from_millis(20);

/// Reads every table of the vault's schema and keeps, for each tenant, what looks like a card number in it. Two of them at
/// once do no harm: both are kept.
pub struct CardNumberScanner(Arc<VaultService>);

impl CardNumberScanner {
    /// The scanner of a service's tables.
    #[must_use]
    pub const fn new(service: Arc<VaultService>) -> Self {
        Self(service)
    }

    /// Runs until `stop` becomes true or its sender is gone; a scan that has begun is then given up, and made anew by the
    /// next process.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let scans = async {
            loop {
                match self.is_due().await {
                    Ok(true) => {
                        if let Err(error) = self.run_once(PAUSE).await {
                            tracing::warn!(%error, "the tables could not be scanned; it is tried again");
                        }
                    }
                    Ok(false) => {}
                    Err(error) => tracing::warn!(%error, "the last scan could not be read"),
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = scans => {}
            stopped = stop.wait_for(|stopped| *stopped) => drop(stopped),
        }
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        let last = self.0.deps.attestation.last_scanned().await?;
        Ok(last.is_none_or(|at| self.0.deps.clock.now() - at >= PERIOD))
    }

    /// Scans all tables once, and keeps what it came to. Says in how many places something looks like a card number.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn run_once(&self, pause: Duration) -> Result<u64, StoreError> {
        let (store, began) = (&self.0.deps.attestation, to_micros(self.0.deps.clock.now()));
        let mut scans = BTreeMap::new();
        for table in store.scanned_tables().await? {
            for page in 0.. {
                let Some(rows) = store.scanned_page(&table, page).await? else { break };
                rows.into_iter().for_each(|row| count(&mut scans, &table, row, began));
                tokio::time::sleep(pause).await;
            }
        }
        let ended = to_micros(self.0.deps.clock.now());
        let scans: Vec<_> =
            scans.into_values().map(|scan| CardNumberScan { finished_at: ended, ..scan }).collect();
        store.keep_scans(&scans).await?;
        let found = scans.iter().map(|scan| scan.found).sum();
        if found > 0 {
            tracing::error!(
                found,
                "the vault's tables hold what looks like card numbers; see the attestation"
            );
        }
        metrics::counter!("vault_card_number_scans_total").increment(1);
        metrics::counter!("vault_card_numbers_found_total").increment(found);
        Ok(found)
    }
}

fn count(scans: &mut BTreeMap<TenantId, CardNumberScan>, table: &str, row: ScannedRow, began: Timestamp) {
    let scan = scans.entry(row.tenant.clone()).or_insert_with(|| CardNumberScan {
        tenant: row.tenant.clone(),
        started_at: began,
        finished_at: began,
        rows: 0,
        found: 0,
        findings: Vec::new(),
    });
    scan.rows += 1;
    for (column, _) in row.texts.into_iter().filter(|(_, text)| shows_card_number(text)) {
        scan.found += 1;
        if scan.findings.len() < SCAN_FINDINGS_MAX {
            scan.findings.push(ScanFinding { table: table.to_owned(), column, place: row.place.clone() });
        }
    }
}
