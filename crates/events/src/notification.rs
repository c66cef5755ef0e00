//! Somebody is to be told.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{NotificationId, TenantId, Timestamp, Version};
use utoipa::ToSchema;

use crate::public_event::public_event;

/// `notification.requested`: somebody is to be told something, by one channel. Nothing secret is in it: what a message
/// says is made when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationRequested {
    /// The message.
    #[schema(value_type = String, example = "ntf_01h2xcejqtf2nbrexx3vqjhp41")]
    pub notification_id: NotificationId,
    /// What it is to say: `payment_link`; of a refund that was done `refund` to who had paid, `refund_hotel` to the hotel, and
    /// `refund_agent` to who asked for it there.
    #[schema(example = "payment_link")]
    pub template: String,
    /// By which way: `email` or `sms`.
    #[schema(example = "email")]
    pub channel: String,
    /// What it is about: the id of the link, or of the refund.
    #[schema(example = "pl_01h2xcejqtf2nbrexx3vqjhp41")]
    pub subject_id: String,
    /// In which language, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The message's version.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
}

public_event! {
    NotificationRequested is NOTIFICATION_REQUESTED of "/tender":
    key notification_id, subject notification_id, at requested_at
}
