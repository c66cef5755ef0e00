//! Whole numbers beside ids, in the service's schema.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ports::{NumberKind, NumberLookup, Numbering};
use uuid::Uuid;

use crate::read_error;

/// A book of numbers in tables of the service's schema. A number is given in a statement of its own, so that the lock of
/// the sequence is held for one commit and by nobody else's.
pub struct PgNumberBook {
    pool: PgPool,
    find: String,
    known: String,
    give: String,
}

impl PgNumberBook {
    /// The book in this schema, whose migrations have [`NUMBERS`](crate::NUMBERS).
    #[must_use]
    pub fn new(pool: PgPool, schema: &'static str) -> Self {
        let find = format!("SELECT id FROM {schema}.numbers WHERE tenant_id=$1 AND kind=$2 AND number=$3");
        let known =
            format!("SELECT id,number FROM {schema}.numbers WHERE tenant_id=$1 AND kind=$2 AND id=ANY($3)");
        // Two who number one thing at once take two numbers: one of them is left out for ever.
        let give = format!(
            "WITH taken AS (\
                 INSERT INTO {schema}.number_sequences AS s (tenant_id,kind,last) VALUES ($1,$2,cardinality($3::uuid[])) \
                 ON CONFLICT (tenant_id,kind) DO UPDATE SET last=s.last+cardinality($3::uuid[]) RETURNING last) \
             INSERT INTO {schema}.numbers (tenant_id,kind,number,id) \
             SELECT $1,$2,taken.last-cardinality($3::uuid[])+new.place,new.id \
             FROM taken, unnest($3::uuid[]) WITH ORDINALITY AS new(id,place) \
             ON CONFLICT ON CONSTRAINT numbers_one_of_each DO NOTHING RETURNING id,number"
        );
        Self { pool, find, known, give }
    }

    async fn ask(
        &self,
        sql: &str,
        tenant: &TenantId,
        kind: NumberKind,
        ids: &[Uuid],
    ) -> Result<Vec<(Uuid, i64)>, StoreError> {
        sqlx::query_as(AssertSqlSafe(sql.to_owned()))
            .bind(tenant.as_str())
            .bind(kind.as_str())
            .bind(ids)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| read_error(&error))
    }
}

impl fmt::Debug for PgNumberBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgNumberBook").finish_non_exhaustive()
    }
}

#[async_trait]
impl NumberLookup for PgNumberBook {
    async fn find(
        &self,
        tenant: &TenantId,
        kind: NumberKind,
        number: i64,
    ) -> Result<Option<Uuid>, StoreError> {
        let row: Option<(Uuid,)> = sqlx::query_as(AssertSqlSafe(self.find.clone()))
            .bind(tenant.as_str())
            .bind(kind.as_str())
            .bind(number)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| read_error(&error))?;
        Ok(row.map(|(id,)| id))
    }
}

#[async_trait]
impl Numbering for PgNumberBook {
    async fn numbers(
        &self,
        tenant: &TenantId,
        kind: NumberKind,
        ids: &[Uuid],
    ) -> Result<Vec<i64>, StoreError> {
        let mut wanted = ids.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let mut given: HashMap<Uuid, i64> = HashMap::with_capacity(wanted.len());
        // What is there; then what was not, given; then what somebody else gave meanwhile.
        for sql in [&self.known, &self.give, &self.known] {
            wanted.retain(|id| !given.contains_key(id));
            if wanted.is_empty() {
                break;
            }
            given.extend(self.ask(sql, tenant, kind, &wanted).await?);
        }
        let number = |id: &Uuid| {
            let missing = || StoreError::corrupt("numbers", "number", id, "is missing");
            given.get(id).copied().ok_or_else(missing)
        };
        ids.iter().map(number).collect()
    }
}
