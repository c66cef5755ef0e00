//! The reads of fraud.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::fraud::{
    FORCED_AT_MOST, FRAUD_VELOCITY, FraudAction, FraudDecision, FraudOverride, FraudPolicy, FraudStore,
    FraudVerdict, Occasion, OverrideAction, OverrideTarget, RuleSet, Thresholds, WindowCounts,
};
use tender_domain::kernel::{
    FraudDecisionId, FraudOverrideId, IntentId, StoreError, TenantId, Timestamp, Version,
};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::PgIntentStore;
use crate::rows::Place;

#[async_trait]
impl FraudStore for PgIntentStore {
    async fn fraud_policy(&self, tenant: &TenantId, now: Timestamp) -> Result<FraudPolicy, StoreError> {
        let rules = rule_set(self.pool(), tenant).await?;
        Ok(FraudPolicy { rules, overrides: overrides(self.pool(), tenant, now).await? })
    }

    async fn fraud_decisions(
        &self,
        tenant: &TenantId,
        ids: &[FraudDecisionId],
    ) -> Result<Vec<FraudDecision>, StoreError> {
        decisions(self.pool(), tenant, ids).await
    }

    async fn window_counts(&self, tenant: &TenantId, keys: &[String]) -> Result<WindowCounts, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT key, value FROM intents.counters WHERE tenant_id = $1 AND kind = $2 AND key = ANY($3)",
        )
        .bind(tenant.as_str())
        .bind(FRAUD_VELOCITY)
        .bind(keys)
        .fetch_all(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        Ok(WindowCounts(rows.into_iter().collect::<BTreeMap<_, _>>()))
    }

    async fn forget_windows(&self, before: &str, limit: usize) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(
            "DELETE FROM intents.counters WHERE ctid = ANY(ARRAY(\
             SELECT ctid FROM intents.counters WHERE kind = $1 AND key < $2 LIMIT $3))",
        )
        .bind(FRAUD_VELOCITY)
        .bind(before)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .execute(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        Ok(forgotten.rows_affected())
    }
}

async fn rule_set(pool: &PgPool, tenant: &TenantId) -> Result<Option<RuleSet>, StoreError> {
    let row: Option<(i64, i32, i32, String, DateTime<Utc>)> = sqlx::query_as(
        "SELECT version, challenge_at, deny_at, rules::text, updated_at FROM intents.fraud_rule_sets \
         WHERE tenant_id = $1",
    )
    .bind(tenant.as_str())
    .fetch_optional(pool)
    .await
    .map_err(|error| read_error(&error))?;
    let Some((version, challenge_at, deny_at, rules, updated_at)) = row else { return Ok(None) };
    let place = Place { table: "fraud_rule_sets", row: tenant.as_str() };
    let score = |column, number: i32| u8::try_from(number).map_err(|error| place.corrupt(column, error));
    Ok(Some(RuleSet {
        tenant: tenant.clone(),
        version: Version::new(version),
        thresholds: Thresholds {
            challenge_at: score("challenge_at", challenge_at)?,
            deny_at: score("deny_at", deny_at)?,
        },
        rules: place.json("rules", &rules)?,
        updated_at,
    }))
}

type OverrideRow = (Uuid, String, String, String, String, String, DateTime<Utc>, DateTime<Utc>);

async fn overrides(
    pool: &PgPool,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<Vec<FraudOverride>, StoreError> {
    let rows: Vec<OverrideRow> = sqlx::query_as(
        "SELECT override_id, target_kind, target_key, action, reason, made_by, expires_at, created_at \
         FROM intents.fraud_overrides WHERE tenant_id = $1 AND expires_at > $2 ORDER BY override_id DESC LIMIT $3",
    )
    .bind(tenant.as_str())
    .bind(now)
    .bind(i64::try_from(FORCED_AT_MOST).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    let forced = |(id, kind, key, action, reason, by, expires_at, created_at): OverrideRow| {
        let place = Place { table: "fraud_overrides", row: id };
        let target = OverrideTarget::find(&kind, &key);
        Ok(FraudOverride {
            id: FraudOverrideId::from_uuid(id),
            tenant: tenant.clone(),
            target: target.ok_or_else(|| place.corrupt("target_key", "is no target of its kind"))?,
            action: place.word("action", &action, OverrideAction::find)?,
            reason,
            by,
            expires_at,
            created_at,
        })
    };
    rows.into_iter().map(forced).collect()
}

type DecisionRow = (Uuid, Uuid, String, i32, String, String, i64, DateTime<Utc>);

async fn decisions(
    pool: &PgPool,
    tenant: &TenantId,
    ids: &[FraudDecisionId],
) -> Result<Vec<FraudDecision>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<DecisionRow> = sqlx::query_as(
        "SELECT decision_id, intent_id, occasion, score, action, reasons::text, rules_version, created_at \
         FROM intents.fraud_decisions WHERE tenant_id = $1 AND decision_id = ANY($2)",
    )
    .bind(tenant.as_str())
    .bind(&ids)
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| decision(tenant, row)).collect()
}

fn decision(tenant: &TenantId, row: DecisionRow) -> Result<FraudDecision, StoreError> {
    let (id, intent, occasion, score, action, reasons, rules_version, created_at) = row;
    let place = Place { table: "fraud_decisions", row: id };
    Ok(FraudDecision {
        id: FraudDecisionId::from_uuid(id),
        tenant: tenant.clone(),
        intent: IntentId::from_uuid(intent),
        occasion: place.word("occasion", &occasion, Occasion::find)?,
        verdict: FraudVerdict {
            score: u8::try_from(score).map_err(|error| place.corrupt("score", error))?,
            action: place.word("action", &action, FraudAction::find)?,
            reasons: place.json("reasons", &reasons)?,
        },
        rules_version: Version::new(rules_version),
        created_at,
    })
}
