//! What gateways tell by themselves: callbacks, as they come in and as they are understood.

use std::time::Duration;

use async_trait::async_trait;

use super::{CallKind, Decline, GatewayAnswer};
use crate::disputes::ToldChargeback;
use crate::kernel::{Money, TenantId, Timestamp};

/// How far a callback's own time may be from ours; an older one may be a recording that somebody plays again.
pub const CALLBACK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The headers of a callback that was received, names in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallbackHeaders(Vec<(String, String)>);

impl CallbackHeaders {
    /// The header's value; none when it is not there, or there more than once, for then nobody knows which one counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value.as_str())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for CallbackHeaders {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        Self(headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// One thing that a gateway tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayEvent {
    /// The gateway's own id of the event, the same in every repetition; at most 255 characters.
    pub id: String,
    /// What the gateway calls this kind of event (`authorize.approved`).
    pub event_type: String,
    /// When it happened, as the gateway says.
    pub occurred_at: Timestamp,
    /// The tenant, when the gateway's message carries what we gave it with our reference.
    pub tenant: Option<TenantId>,
    /// What the gateway calls the payment, when it says so.
    pub gateway_reference: Option<String>,
    /// What it tells.
    pub fact: GatewayFact,
}

/// What a callback tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayFact {
    /// How one of our calls ended.
    Ended {
        /// Which call.
        kind: CallKind,
        /// Our reference of it.
        reference: String,
        /// Its end.
        end: CallEnd,
    },
    /// One of our calls has no end yet. Changes nothing, also when it arrives after the end.
    Pending {
        /// Which call.
        kind: CallKind,
        /// Our reference of it.
        reference: String,
    },
    /// Money moved that we did not ask for, by a person in the gateway's own dashboard, and the gateway has no name for
    /// the movement.
    Outside {
        /// Which movement.
        kind: CallKind,
        /// Our reference of the authorization (`att_…`).
        authorization: String,
        /// How much.
        amount: Money,
    },
    /// Money was taken that we did not ask for: by a person in the gateway's own dashboard.
    CapturedOutside(Box<OutsideCapture>),
    /// Money was given back that we did not ask for: by a person in the gateway's own dashboard.
    RefundedOutside(Box<OutsideRefund>),
    /// A payment is disputed, or a dispute stands otherwise.
    Disputed(Box<ToldChargeback>),
    /// Something that we have no meaning for.
    Other,
}

impl GatewayFact {
    /// The gateway's name of the payment, where what is told is acted on by that name.
    #[must_use]
    pub fn payment_name(&self) -> Option<&str> {
        match self {
            Self::RefundedOutside(refund) => Some(&refund.charge_reference),
            Self::Disputed(told) => Some(&told.gateway_reference),
            // Found by our own name of the authorization, which the gateway repeats.
            Self::CapturedOutside(_) => None,
            Self::Ended { .. } | Self::Pending { .. } | Self::Outside { .. } | Self::Other => None,
        }
    }
}

/// How a call ended: as [`GatewayAnswer`] and `GatewayError::NotDone` say it in a direct answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEnd {
    /// The gateway's answer.
    Answered(GatewayAnswer),
    /// It is known not to have been done; the reason.
    NotDone(String),
    /// It failed for good, also when it was said to be done before: whatever is told of it besides is older.
    TakenBack {
        /// What the gateway calls it.
        gateway_reference: String,
        /// Why.
        why: Decline,
    },
}

/// A capture that a person made in the gateway's own dashboard. A gateway tells this only of what does not carry our
/// reference of a capture: by that it is told from our own, also from one whose outcome we do not know yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideCapture {
    /// Our reference of the authorization (`att_…`), as the gateway repeats it.
    pub authorization: String,
    /// What the gateway calls the payment, when it says so: it must be what it called the authorization.
    pub payment_reference: Option<String>,
    /// What it calls the capture; by it a repetition is known.
    pub gateway_reference: String,
    /// How much was taken.
    pub amount: Money,
    /// Whether the rest of what was held was let go.
    pub is_final: bool,
    /// Why it failed for good after all; none of one that is done.
    pub taken_back: Option<Decline>,
}

/// A refund that a person made in the gateway's own dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideRefund {
    /// What the gateway calls the payment: by this name the charge is known.
    pub charge_reference: String,
    /// What it calls the refund; by it a repetition is known.
    pub gateway_reference: String,
    /// How much.
    pub amount: Money,
    /// Why it failed for good after all; none of one that is done.
    pub taken_back: Option<Decline>,
}

/// Why a callback is not taken. Nothing of it is kept: nobody knows who sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    /// This gateway sends none.
    #[error("this gateway sends no callbacks")]
    NotSupported,
    /// The headers that sign it are not there, or cannot be read.
    #[error("the callback is not signed: {0}")]
    Unsigned(&'static str),
    /// The signature is not of these bytes and this time.
    #[error("the callback's signature does not match")]
    BadSignature,
    /// It was signed too long ago, or too far ahead.
    #[error("the callback's time is too far from ours")]
    OutOfTime,
    /// It is signed well, and not understood.
    #[error("the callback is not understood: {0}")]
    Malformed(String),
}

/// Where callbacks are taken in; by HTTP, or by a direct call of a gateway in the same process.
///
/// # Errors
/// See [`CallbackFault`]; the sender sends it again.
#[async_trait]
pub trait CallbackIntake: Send + Sync {
    /// Takes one callback of a connector, byte for byte as it was sent: on `Ok` it is durable, or was before.
    async fn take(
        &self,
        connector: &str,
        headers: &CallbackHeaders,
        body: &[u8],
    ) -> Result<(), CallbackFault>;
}

/// Why a callback was not taken in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallbackFault {
    /// There is no such connector.
    #[error("there is no connector {0}")]
    NoSuchConnector(String),
    /// The connector's gateway does not stand behind it.
    #[error(transparent)]
    Refused(#[from] CallbackRefusal),
    /// It could not be kept now.
    #[error("the callback cannot be kept now: {0}")]
    Unavailable(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_in_any_case_and_not_when_it_is_there_twice() {
        let headers: CallbackHeaders =
            [("Webhook-Id", "evt_1"), ("x", "1"), ("X", "2")].into_iter().collect();
        assert_eq!(headers.get("webhook-id"), Some("evt_1"));
        assert_eq!((headers.get("x"), headers.get("y")), (None, None));
    }
}
