//! What gateways tell of their dashboards, in `gateway_callbacks.fact`.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money, gateway_text};
use tender_domain::ports::{Decline, DeclineCode, OutsideCapture, OutsideRefund};

/// A capture that was made in a gateway's dashboard.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OutsideCaptureJson {
    authorization: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    payment_reference: Option<String>,
    gateway_reference: String,
    amount_minor: i64,
    currency: Currency,
    is_final: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    taken_back: Option<DeclineJson>,
}

/// A refund that was made in a gateway's dashboard.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OutsideJson {
    charge_reference: String,
    gateway_reference: String,
    amount_minor: i64,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    taken_back: Option<DeclineJson>,
}

/// Why something was not done.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeclineJson {
    decline_code: String,
    network_code: Option<String>,
    message: String,
}

impl From<&Decline> for DeclineJson {
    fn from(decline: &Decline) -> Self {
        Self {
            decline_code: decline.code.as_str().to_owned(),
            network_code: decline.network_code.clone(),
            message: gateway_text(&decline.message),
        }
    }
}

impl DeclineJson {
    pub(super) fn into_decline(self) -> Result<Decline, String> {
        let Self { decline_code, network_code, message } = self;
        let code = DeclineCode::find(&decline_code)
            .ok_or_else(|| format!("the decline code `{decline_code}` is not known"))?;
        Ok(Decline { code, network_code, message, sca: None })
    }
}

impl From<&OutsideRefund> for OutsideJson {
    fn from(told: &OutsideRefund) -> Self {
        Self {
            charge_reference: told.charge_reference.clone(),
            gateway_reference: told.gateway_reference.clone(),
            amount_minor: told.amount.minor(),
            currency: told.amount.currency(),
            taken_back: told.taken_back.as_ref().map(DeclineJson::from),
        }
    }
}

impl OutsideJson {
    pub(super) fn into_outside(self) -> Result<OutsideRefund, String> {
        Ok(OutsideRefund {
            charge_reference: self.charge_reference,
            gateway_reference: self.gateway_reference,
            amount: Money::new(self.amount_minor, self.currency),
            taken_back: self.taken_back.map(DeclineJson::into_decline).transpose()?,
        })
    }
}

impl From<&OutsideCapture> for OutsideCaptureJson {
    fn from(told: &OutsideCapture) -> Self {
        Self {
            authorization: told.authorization.clone(),
            payment_reference: told.payment_reference.clone(),
            gateway_reference: told.gateway_reference.clone(),
            amount_minor: told.amount.minor(),
            currency: told.amount.currency(),
            is_final: told.is_final,
            taken_back: told.taken_back.as_ref().map(DeclineJson::from),
        }
    }
}

impl OutsideCaptureJson {
    pub(super) fn into_outside(self) -> Result<OutsideCapture, String> {
        Ok(OutsideCapture {
            authorization: self.authorization,
            payment_reference: self.payment_reference,
            gateway_reference: self.gateway_reference,
            amount: Money::new(self.amount_minor, self.currency),
            is_final: self.is_final,
            taken_back: self.taken_back.map(DeclineJson::into_decline).transpose()?,
        })
    }
}
