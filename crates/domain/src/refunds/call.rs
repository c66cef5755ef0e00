//! Which call of a refund: its name at the gateway.

use std::fmt;
use std::str::FromStr;

use crate::kernel::RefundId;

/// One call of a refund to its gateway. Each has a name of its own there: under an older one the gateway may repeat an
/// older refusal.
///
/// In text the first is named as the refund (`rf_…`), later ones by their number too (`rf_…/2`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefundCall {
    /// Of which refund.
    pub refund: RefundId,
    /// Which of its calls, from 1.
    pub number: u32,
}

impl From<RefundId> for RefundCall {
    /// The first call of a refund.
    fn from(refund: RefundId) -> Self {
        Self { refund, number: 1 }
    }
}

impl fmt::Display for RefundCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 | 1 => write!(f, "{}", self.refund),
            later => write!(f, "{}/{later}", self.refund),
        }
    }
}

/// The text names no call of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a refund's call")]
pub struct BadRefundCall;

impl FromStr for RefundCall {
    type Err = BadRefundCall;

    fn from_str(text: &str) -> Result<Self, BadRefundCall> {
        let (refund, number) = text.split_once('/').map_or((text, None), |(id, number)| (id, Some(number)));
        let number = number.map_or(Ok(1), str::parse).map_err(|_| BadRefundCall)?;
        let call = Self { refund: refund.parse().map_err(|_| BadRefundCall)?, number };
        // One name for one call.
        if call.to_string() == text { Ok(call) } else { Err(BadRefundCall) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_call_has_one_name_and_is_found_by_it() {
        let refund = RefundId::from_uuid(Uuid::from_u128(7));
        for (number, name) in
            [(1, refund.to_string()), (2, format!("{refund}/2")), (12, format!("{refund}/12"))]
        {
            let call = RefundCall { refund, number };
            assert_eq!((call.to_string(), name.parse()), (name.clone(), Ok(call)));
        }
        for other in
            ["", "rf_1", "att_1/2", &format!("{refund}/"), &format!("{refund}/1"), &format!("{refund}/02")]
        {
            assert_eq!(other.parse::<RefundCall>(), Err(BadRefundCall), "{other}");
        }
    }
}
