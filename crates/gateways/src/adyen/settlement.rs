//! Fetches the files of settlement batches. Where they are and what they are called is as Adyen's `REPORT_AVAILABLE` has it
//! (<https://docs.adyen.com/reporting/automatically-get-reports>). In no document that could be found: that batches are numbered
//! one after the other, though so others read them, and a list of them; the newest is found by asking for files, and pages
//! go from there to older ones.

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tender_domain::ports::{GatewayError, SettlementPage, SettlementReports, SettlementRequest};

use super::adapter::InvalidAdyenOptions;
use super::report;
use crate::rest::REPORT_BYTES_MAX;
use crate::transport;

const WHO: &str = "Adyen";
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// The highest number of a batch that is looked for.
const BATCH_MAX: u32 = 1 << 20;

/// Where settlement reports are had, and from when on.
#[derive(Debug, Clone)]
pub struct AdyenReports {
    /// Where the Customer Area is (`https://ca-test.adyen.com`).
    pub base: String,
    /// The API key of a report service user.
    pub key: SecretString,
    /// The number of the first batch whose report there is.
    pub first_batch: u32,
}

/// The reports of one merchant account.
pub(super) struct Reports {
    client: Client,
    folder: Url,
    first_batch: u32,
    deadline: Duration,
}

impl Reports {
    /// # Errors
    /// When the address is no `http` or `https` URL, the account cannot be in it, or the key cannot be sent in a header.
    pub(super) fn new(
        options: &AdyenReports,
        merchant_account: &str,
        (deadline, connect_timeout): (Duration, Duration),
    ) -> Result<Self, InvalidAdyenOptions> {
        let invalid = |option, problem: String| InvalidAdyenOptions { option, problem };
        let base = transport::base(&options.base).map_err(|problem| invalid("reports.base", problem))?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if merchant_account.is_empty() || !merchant_account.chars().all(is_plain) {
            let problem = "letters, digits, hyphens and underscores; reports are in a folder of this name";
            return Err(invalid("merchant_account", problem.to_owned()));
        }
        let folder = base
            .join(&format!("reports/download/MerchantAccount/{merchant_account}/"))
            .map_err(|error| invalid("reports.base", error.to_string()))?;
        let mut key = HeaderValue::from_str(options.key.expose_secret())
            .map_err(|_| invalid("reports.key", "it has characters that a header cannot hold".to_owned()))?;
        key.set_sensitive(true);
        let client = transport::client(HeaderMap::from_iter([(API_KEY, key)]), connect_timeout)
            .map_err(|problem| invalid("client", problem))?;
        Ok(Self { client, folder, first_batch: options.first_batch.max(1), deadline })
    }

    /// The file of a batch; none when there is none.
    async fn file(&self, batch: u32) -> Result<Option<Response>, GatewayError> {
        let url = self.folder.join(&report::file(batch));
        let url = url.map_err(|error| GatewayError::NotDone(error.to_string()))?;
        let sent = self.client.get(url).timeout(self.deadline).send().await;
        let response = sent.map_err(|error| transport::of_transport(WHO, &error))?;
        match response.status() {
            StatusCode::OK => Ok(Some(response)),
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                Err(GatewayError::NotDone(format!("Adyen refuses its reports with {status}")))
            }
            status => Err(GatewayError::Unknown(format!("Adyen answers for a report with {status}"))),
        }
    }

    /// The number of the newest batch that there is a file of; none when there is none at all.
    async fn newest(&self) -> Result<Option<u32>, GatewayError> {
        let is_there = async |batch| self.file(batch).await.map(|file| file.is_some());
        if !is_there(self.first_batch).await? {
            return Ok(None);
        }
        let (mut there, mut step) = (self.first_batch, 1_u32);
        while there.saturating_add(step) <= BATCH_MAX && is_there(there + step).await? {
            there += step;
            step = step.saturating_mul(2);
        }
        // It is from `there` on, and before `there + step`.
        let mut missing = there.saturating_add(step);
        while missing - there > 1 {
            let middle = there + (missing - there) / 2;
            if is_there(middle).await? {
                there = middle;
            } else {
                missing = middle;
            }
        }
        Ok(Some(there))
    }
}

#[async_trait]
impl SettlementReports for Reports {
    async fn settlement(&self, asked: &SettlementRequest) -> Result<SettlementPage, GatewayError> {
        let batch = match &asked.cursor {
            Some(cursor) => Some(
                cursor
                    .parse()
                    .map_err(|_| GatewayError::NotDone("the cursor is no number of a batch".to_owned()))?,
            ),
            None => self.newest().await?,
        };
        let none = SettlementPage { rows: Vec::new(), next: None };
        let Some(batch) = batch.filter(|batch| *batch >= self.first_batch) else { return Ok(none) };
        let Some(file) = self.file(batch).await? else { return Ok(none) };
        let body = transport::read_up_to(REPORT_BYTES_MAX, WHO, file).await?;
        let mut rows = report::rows(batch, &body)?;
        // Batches follow each other in time: one that ended before is the last that is looked at.
        let is_over = rows.iter().all(|row| row.booked_at < asked.from);
        rows.retain(|row| (asked.from..asked.until).contains(&row.booked_at));
        let older = (!is_over && batch > self.first_batch).then(|| (batch - 1).to_string());
        Ok(SettlementPage { rows, next: older })
    }
}
