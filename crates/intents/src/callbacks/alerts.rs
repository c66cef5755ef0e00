//! What a callback says that no rule can settle.

use tender_domain::intents::{GatewayCallback, Intent};
use tender_domain::kernel::{Message, TenantId, Timestamp, Version};
use tender_domain::ports::Ids;
use tender_events::{AlertRaised, AlertSeverity, Envelope, PublicEvent};

/// A callback contradicts a definite answer.
pub(super) fn contradiction(
    intent: &Intent,
    callback: &GatewayCallback,
    problem: &str,
    ids: &(dyn Ids + 'static),
    now: Timestamp,
) -> Message {
    let detail = format!(
        "{problem}; event {} of {}. The payment stays {}, and its money is not touched",
        callback.event_id,
        callback.connector,
        intent.status.as_str()
    );
    let kind = ("callback_contradiction", AlertSeverity::Critical);
    about(intent, callback, kind, detail, now).into_message(Envelope { id: ids.event(), traceparent: None })
}

/// Money moved that we did not ask for.
pub(super) fn outside(
    intent: &Intent,
    callback: &GatewayCallback,
    moved: &str,
    ids: &(dyn Ids + 'static),
    now: Timestamp,
) -> Message {
    let detail = format!(
        "{moved} in the dashboard of {}; event {}. It is in no ledger of ours",
        callback.connector, callback.event_id
    );
    let kind = ("moved_outside", AlertSeverity::Critical);
    about(intent, callback, kind, detail, now).into_message(Envelope { id: ids.event(), traceparent: None })
}

/// What a gateway tells of a refund or dispute contradicts what refunds knows of it.
pub(super) fn refused(
    callback: &GatewayCallback,
    (tenant, (code, severity), problem): (&TenantId, (&str, AlertSeverity), &str),
    ids: &(dyn Ids + 'static),
    now: Timestamp,
) -> Message {
    let alert = AlertRaised {
        code: code.to_owned(),
        severity,
        service: "intents".to_owned(),
        tenant_id: tenant.clone(),
        subject_id: callback.event_id.clone(),
        intent_id: None,
        detail: format!(
            "{problem}; event {} of {}. Nothing was changed",
            callback.event_id, callback.connector
        ),
        version: Version::FIRST,
        raised_at: now,
    };
    alert.into_message(Envelope { id: ids.event(), traceparent: None })
}

fn about(
    intent: &Intent,
    callback: &GatewayCallback,
    (code, severity): (&str, AlertSeverity),
    detail: String,
    now: Timestamp,
) -> AlertRaised {
    AlertRaised {
        code: code.to_owned(),
        severity,
        service: "intents".to_owned(),
        tenant_id: intent.tenant.clone(),
        subject_id: callback.event_id.clone(),
        intent_id: Some(intent.id),
        detail,
        version: intent.version,
        raised_at: now,
    }
}
