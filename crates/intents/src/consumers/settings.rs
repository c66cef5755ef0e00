use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::intents::{CaptureMode, TenantRules};
use tender_domain::kernel::{Change, CommitError, Currency, Message, Money, Topic};
use tender_domain::operations::ThreeDsPolicy;
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{PublicEvent, SettingsChanged};

use crate::IntentsService;

/// Follows `settings.changed`, so that intents obeys what a tenant has set.
///
/// It needs no inbox: hearing the same settings twice, or older ones after newer, changes nothing.
pub struct SettingsOfIntents(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for SettingsOfIntents {
    fn name(&self) -> &'static str {
        "intents-settings"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::SETTINGS_CHANGED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        // A tombstone: settings are changed, never deleted, so there is nothing to follow.
        if message.data.is_empty() {
            return Ok(());
        }
        let event =
            SettingsChanged::from_message(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let mode = CaptureMode::find(&event.default_capture_mode).ok_or_else(|| {
            HandleError::Poison(format!("there is no capture mode `{}`", event.default_capture_mode))
        })?;
        // What an earlier release could tell and this one calls otherwise.
        let policy = if event.three_ds_policy == "when_required" { "never" } else { &*event.three_ds_policy };
        let three_ds_policy = ThreeDsPolicy::find(policy).ok_or_else(|| {
            HandleError::Poison(format!("there is no 3-D Secure policy `{}`", event.three_ds_policy))
        })?;
        let risk_analysis_max = Some(event.risk_analysis_max_eur_minor).filter(|minor| *minor > 0);
        let limits = event.max_authorization_amounts.iter();
        let rules = TenantRules {
            tenant: event.tenant_id,
            version: event.version,
            allowed_methods: event.allowed_methods,
            default_capture_mode: mode,
            max_authorization: limits
                .map(|limit| (limit.currency, Money::new(limit.amount_minor, limit.currency)))
                .collect(),
            max_attempts: event.max_attempts,
            three_ds_policy,
            risk_analysis_max: risk_analysis_max.map(|minor| Money::new(minor, Currency::EUR)),
            recorded_at: self.0.clock.now(),
        };
        let change = Change::of(rules.tenant.clone()).save(rules.clone()).in_background();
        match self.0.store.commit(change).await {
            Ok(_) => {
                self.0.rules.remember(rules);
                Ok(())
            }
            Err(error @ CommitError::Refused { .. }) => Err(HandleError::Poison(error.to_string())),
            Err(error) => Err(HandleError::Retry(error.to_string())),
        }
    }
}
