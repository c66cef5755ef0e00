//! Checks of saved methods, as they are sent.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CheckMethod, Decline, DepositsAnswer, ZeroAmountAnswer};
use tender_domain::vault::MethodType;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckBody {
    tenant: TenantId,
    reference: String,
    method_type: MethodType,
    token: String,
}

impl From<CheckBody> for CheckMethod {
    fn from(body: CheckBody) -> Self {
        let CheckBody { tenant, reference, method_type, token } = body;
        Self { tenant, reference, method_type, token: token.into() }
    }
}

#[derive(Serialize)]
pub(crate) struct DeclineBody {
    decline_code: &'static str,
    network_code: Option<String>,
    message: String,
}

impl From<Decline> for DeclineBody {
    fn from(decline: Decline) -> Self {
        let Decline { code, network_code, message, sca: _ } = decline;
        Self { decline_code: code.as_str(), network_code, message }
    }
}

#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum ZeroAmountBody {
    Approved { response_code: Option<String>, avs_result: Option<String>, cvv_result: Option<String> },
    Declined(DeclineBody),
}

impl From<ZeroAmountAnswer> for ZeroAmountBody {
    fn from(answer: ZeroAmountAnswer) -> Self {
        match answer {
            ZeroAmountAnswer::Approved { response_code, avs } => {
                Self::Approved { response_code, avs_result: avs.avs_result, cvv_result: avs.cvv_result }
            }
            ZeroAmountAnswer::Declined(decline) => Self::Declined(decline.into()),
        }
    }
}

/// The amounts are the caller's secret; this is the way they reach it.
#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum DepositsBody {
    Sent { amounts: [i64; 2] },
    Refused(DeclineBody),
}

impl From<DepositsAnswer> for DepositsBody {
    fn from(answer: DepositsAnswer) -> Self {
        match answer {
            DepositsAnswer::Sent(amounts) => Self::Sent { amounts },
            DepositsAnswer::Refused(decline) => Self::Refused(decline.into()),
        }
    }
}
