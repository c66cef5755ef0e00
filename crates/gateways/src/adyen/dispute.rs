//! What Adyen tells of disputes. Money moves with `CHARGEBACK`, `CHARGEBACK_REVERSED` and `SECOND_CHARGEBACK`; what is only
//! announced (`NOTIFICATION_OF_CHARGEBACK`, `REQUEST_FOR_INFORMATION`) takes nothing yet, and is no dispute here.
//! `INFORMATION_SUPPLIED` says that somebody answered, here, in the Customer Area or Adyen by itself; it is also said of what
//! is only announced, so that it opens no dispute. All words of one dispute have the same reference.
//!
//! Which dispute, which payment, how much and what happened are signed. Reason, date and the time to answer are not: the
//! first and the last are shown to people, and the date only tells an old word from a new one.

use tender_domain::disputes::{DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::Timestamp;
use tender_domain::ports::GatewayFact;

use super::money::from_adyen;
use super::wire::Item;
use crate::dispute_reason::{network, reason};

const PROCESSOR: &str = "adyen";

/// Somebody answered a dispute, or what may become one.
pub(super) const ANSWERED: &str = "INFORMATION_SUPPLIED";

/// What a notification tells of a dispute; none when it tells of none, or not of a payment.
pub(super) fn fact(item: &Item, at: Timestamp) -> Option<GatewayFact> {
    let standing = match item.event_code.as_str() {
        "CHARGEBACK" => DisputeStatus::NeedsResponse,
        ANSWERED => DisputeStatus::UnderReview,
        "CHARGEBACK_REVERSED" | "PREARBITRATION_WON" => DisputeStatus::Won,
        "SECOND_CHARGEBACK" | "PREARBITRATION_LOST" => DisputeStatus::Lost,
        _ => return None,
    };
    let payment = item.original_reference.as_deref().filter(|reference| !reference.is_empty())?;
    let said = |name: &str| item.additional_data.as_ref().and_then(|data| data.get(name));
    let scheme = said("chargebackSchemeCode").or(item.payment_method.as_deref());
    let code = said("chargebackReasonCode");
    let (network, network_reason_code, reason) = reason(network(scheme), code, DisputeReason::Other);
    let dispute = ToldDispute {
        processor: PROCESSOR.to_owned(),
        processor_reference: Some(item.psp_reference.clone()),
        amount: from_adyen(&item.amount)?,
        // Not told; it is in the settlement.
        fee_minor: None,
        network,
        network_reason_code,
        reason,
        received_at: at,
        respond_by: said("defensePeriodEndsAt").and_then(|text| text.parse().ok()),
    };
    let gateway_reference = payment.to_owned();
    let only_if_known = standing == DisputeStatus::UnderReview;
    Some(GatewayFact::Disputed(Box::new(ToldChargeback {
        gateway_reference,
        dispute,
        standing,
        at,
        only_if_known,
    })))
}
