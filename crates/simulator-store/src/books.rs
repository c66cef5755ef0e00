use async_trait::async_trait;
use sqlx::postgres::{PgArguments, PgPool};
use sqlx::query::Query;
use sqlx::{Postgres, postgres::PgRow};
use tender_domain::kernel::{Currency, Money, StoreError, TenantId, Timestamp};
use tender_domain::ports::CallKind;
use tender_domain::simulator::{
    BookEntry, BookTotals, BookedCallback, BookedOperation, BookedOutcome, BookedPayment, Recorded,
    SimulatorBooks,
};
use tender_postgres::read_error;

use crate::details::DetailsJson;
use crate::{rows, statements};

/// [`SimulatorBooks`] in PostgreSQL. Each entry is one statement, which is its transaction; one with callbacks is a
/// transaction of two.
#[derive(Debug, Clone)]
pub struct PgSimulatorBooks {
    pool: PgPool,
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

impl PgSimulatorBooks {
    /// Books behind this pool, whose role may use the schema.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Whether the books can be reached.
    ///
    /// # Errors
    /// When they cannot.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map_err(|error| read_error(&error))?;
        Ok(())
    }

    /// The statement's own transaction, or one with the callbacks: how many rows the entry is.
    async fn write(&self, entry: &BookEntry) -> Result<u64, sqlx::Error> {
        if entry.callbacks.is_empty() {
            return Ok(statement(entry).execute(&self.pool).await?.rows_affected());
        }
        let mut transaction = self.pool.begin().await?;
        let written = statement(entry).execute(&mut *transaction).await?.rows_affected();
        if written == 1 {
            add(&entry.callbacks).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(written)
    }

    async fn rows(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, StoreError> {
        statement.fetch_all(&self.pool).await.map_err(|error| read_error(&error))
    }
}

/// The statement for an entry, with its values.
fn statement(entry: &BookEntry) -> Statement<'_> {
    let operation = &*entry.operation.after;
    let ends_challenge = entry.operation.before.is_some();
    match &entry.payment {
        None if ends_challenge => bind_operation(sqlx::query(statements::CHALLENGE_END), operation),
        None => bind_operation(sqlx::query(statements::OPERATION), operation),
        Some(payment) => match &payment.before {
            Some(before) => {
                let bound = bind_operation(sqlx::query(statements::OPERATION_AND_CHANGED_PAYMENT), operation);
                bind_sums(bound, &payment.after)
                    .bind(&payment.after.gateway_reference)
                    .bind(before.version.number())
            }
            None => {
                let text = if ends_challenge {
                    statements::CHALLENGE_END_AND_NEW_PAYMENT
                } else {
                    statements::OPERATION_AND_NEW_PAYMENT
                };
                let bound = bind_operation(sqlx::query(text), operation);
                bind_sums(bound.bind(payment.after.authorized.minor()), &payment.after)
            }
        },
    }
}

fn bind_sums<'q>(statement: Statement<'q>, payment: &'q BookedPayment) -> Statement<'q> {
    statement
        .bind(payment.captured_minor)
        .bind(payment.refunded_minor)
        .bind(payment.released)
        .bind(payment.version.number())
}

/// An outcome as its columns.
#[derive(Default)]
struct OutcomeColumns<'a> {
    outcome: &'static str,
    gateway_reference: Option<&'a str>,
    amount: Option<Money>,
    captured: Option<bool>,
    challenge_fails: Option<bool>,
    decline_code: Option<&'static str>,
    network_code: Option<&'a str>,
    message: Option<&'a str>,
}

fn columns_of(outcome: &BookedOutcome) -> OutcomeColumns<'_> {
    match outcome {
        BookedOutcome::Approved { gateway_reference, amount, captured } => OutcomeColumns {
            outcome: "approved",
            gateway_reference: Some(gateway_reference),
            amount: Some(*amount),
            captured: Some(*captured),
            ..OutcomeColumns::default()
        },
        BookedOutcome::Declined(decline) => OutcomeColumns {
            outcome: "declined",
            decline_code: Some(decline.code.as_str()),
            network_code: decline.network_code.as_deref(),
            message: Some(&decline.message),
            ..OutcomeColumns::default()
        },
        BookedOutcome::Challenged { amount, capture, fails } => OutcomeColumns {
            outcome: "challenged",
            amount: Some(*amount),
            captured: Some(*capture),
            challenge_fails: Some(*fails),
            ..OutcomeColumns::default()
        },
        BookedOutcome::Refused(reason) => {
            OutcomeColumns { outcome: "refused", message: Some(reason), ..OutcomeColumns::default() }
        }
    }
}

fn bind_operation<'q>(statement: Statement<'q>, operation: &'q BookedOperation) -> Statement<'q> {
    let columns = columns_of(&operation.outcome);
    statement
        .bind(operation.tenant.as_str())
        .bind(operation.kind.as_str())
        .bind(&operation.reference)
        .bind(operation.request_digest.as_ref().map(<[u8; 32]>::as_slice))
        .bind(columns.outcome)
        .bind(columns.gateway_reference)
        .bind(columns.amount.map(Money::minor))
        .bind(columns.amount.map(|amount| Currency::code(amount.currency())))
        .bind(columns.captured)
        .bind(columns.challenge_fails)
        .bind(columns.decline_code)
        .bind(columns.network_code)
        .bind(columns.message)
        .bind(operation.visible_at)
        .bind(DetailsJson::of(operation))
}

fn add(callbacks: &[BookedCallback]) -> Statement<'_> {
    let texts = |column: fn(&BookedCallback) -> &str| {
        callbacks.iter().map(|callback| column(callback).to_owned()).collect::<Vec<String>>()
    };
    sqlx::query(statements::ADD_CALLBACKS)
        .bind(texts(|callback| callback.tenant.as_str()))
        .bind(texts(|callback| &callback.id))
        .bind(texts(|callback| &callback.event_id))
        .bind(texts(|callback| &callback.reference))
        .bind(texts(|callback| &callback.body))
        .bind(callbacks.iter().map(|callback| callback.due_at).collect::<Vec<_>>())
}

#[async_trait]
impl SimulatorBooks for PgSimulatorBooks {
    async fn record(&self, entry: &BookEntry) -> Result<Recorded, StoreError> {
        let written = match self.write(entry).await {
            Ok(rows) => rows == 1,
            // The reference is taken: the whole statement was taken back.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => false,
            Err(error) => return Err(read_error(&error)),
        };
        if written {
            return Ok(Recorded::Written);
        }
        let operation = &entry.operation.after;
        let existing = self.operation(&operation.tenant, operation.kind, &operation.reference).await?;
        Ok(existing.map_or(Recorded::Stale, Recorded::Existing))
    }

    async fn operation(
        &self,
        tenant: &TenantId,
        kind: CallKind,
        reference: &str,
    ) -> Result<Option<BookedOperation>, StoreError> {
        let find =
            sqlx::query(statements::FIND_OPERATION).bind(tenant.as_str()).bind(kind.as_str()).bind(reference);
        self.rows(find).await?.first().map(|row| rows::operation(row, kind)).transpose()
    }

    async fn payment(
        &self,
        tenant: &TenantId,
        gateway_reference: &str,
    ) -> Result<Option<BookedPayment>, StoreError> {
        let find = sqlx::query(statements::FIND_PAYMENT).bind(tenant.as_str()).bind(gateway_reference);
        self.rows(find).await?.first().map(rows::payment).transpose()
    }

    async fn totals(&self, tenant: &TenantId) -> Result<Vec<BookTotals>, StoreError> {
        let sums = sqlx::query(statements::TOTALS).bind(tenant.as_str());
        self.rows(sums).await?.iter().map(rows::totals).collect()
    }

    async fn payments(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<BookedPayment>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let list = sqlx::query(statements::LIST_PAYMENTS)
            .bind(tenant.as_str())
            .bind(after.unwrap_or(""))
            .bind(limit);
        self.rows(list).await?.iter().map(rows::payment).collect()
    }

    async fn add_callbacks(&self, callbacks: &[BookedCallback]) -> Result<(), StoreError> {
        add(callbacks).execute(&self.pool).await.map_err(|error| read_error(&error))?;
        Ok(())
    }

    async fn due_callbacks(&self, now: Timestamp, limit: usize) -> Result<Vec<BookedCallback>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let due = sqlx::query(statements::DUE_CALLBACKS).bind(now).bind(limit);
        self.rows(due).await?.iter().map(rows::callback).collect()
    }

    async fn save_callback(&self, callback: &BookedCallback) -> Result<(), StoreError> {
        let save = sqlx::query(statements::SAVE_CALLBACK)
            .bind(callback.tenant.as_str())
            .bind(&callback.id)
            .bind(callback.due_at)
            .bind(i32::try_from(callback.failures).unwrap_or(i32::MAX))
            .bind(callback.delivered_at);
        save.execute(&self.pool).await.map_err(|error| read_error(&error))?;
        Ok(())
    }

    async fn callback(&self, tenant: &TenantId, id: &str) -> Result<Option<BookedCallback>, StoreError> {
        let find = sqlx::query(statements::FIND_CALLBACK).bind(tenant.as_str()).bind(id);
        self.rows(find).await?.first().map(rows::callback).transpose()
    }

    async fn callbacks(&self, tenant: &TenantId, reference: &str) -> Result<Vec<BookedCallback>, StoreError> {
        let list = sqlx::query(statements::LIST_CALLBACKS).bind(tenant.as_str()).bind(reference);
        self.rows(list).await?.iter().map(rows::callback).collect()
    }
}
