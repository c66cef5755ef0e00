//! What the simulator is asked about saved methods.

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Avs, CheckMethod, Decline, DeclineCode, DepositsAnswer, GatewayError, MethodChecks, ZeroAmountAnswer,
};
use tender_domain::vault::{MethodType, ThreeDsSupport, VerificationKind};

use super::adapter::HttpSimulatorGateway;

#[derive(Serialize)]
struct CheckBody<'a> {
    tenant: &'a TenantId,
    reference: &'a str,
    method_type: MethodType,
    token: &'a str,
}

impl<'a> From<&'a CheckMethod> for CheckBody<'a> {
    fn from(request: &'a CheckMethod) -> Self {
        Self {
            tenant: &request.tenant,
            reference: &request.reference,
            method_type: request.method_type,
            token: request.token.expose_secret(),
        }
    }
}

#[derive(Deserialize)]
struct DeclineBody {
    decline_code: String,
    network_code: Option<String>,
    message: String,
}

impl From<DeclineBody> for Decline {
    fn from(body: DeclineBody) -> Self {
        let code = DeclineCode::find(&body.decline_code).unwrap_or(DeclineCode::CardDeclined);
        Self { code, network_code: body.network_code, message: body.message, sca: None }
    }
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum ZeroAmountBody {
    Approved { response_code: Option<String>, avs_result: Option<String>, cvv_result: Option<String> },
    Declined(DeclineBody),
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum DepositsBody {
    Sent { amounts: [i64; 2] },
    Refused(DeclineBody),
}

#[async_trait]
impl MethodChecks for HttpSimulatorGateway {
    fn verifies(&self, kind: VerificationKind, method_type: MethodType) -> bool {
        match kind {
            VerificationKind::ZeroAmount => {
                matches!(method_type, MethodType::Card | MethodType::ApplePay | MethodType::GooglePay)
            }
            VerificationKind::ThreeDs => method_type == MethodType::Card,
            VerificationKind::MicroDeposits => {
                matches!(method_type, MethodType::BankAccount | MethodType::SepaDebit)
            }
        }
    }

    async fn authorize_nothing(&self, request: &CheckMethod) -> Result<ZeroAmountAnswer, GatewayError> {
        Ok(match self.connection.call("zero-amount", &CheckBody::from(request)).await? {
            ZeroAmountBody::Approved { response_code, avs_result, cvv_result } => {
                ZeroAmountAnswer::Approved { response_code, avs: Avs { avs_result, cvv_result } }
            }
            ZeroAmountBody::Declined(decline) => ZeroAmountAnswer::Declined(decline.into()),
        })
    }

    async fn three_ds_support(&self, request: &CheckMethod) -> Result<ThreeDsSupport, GatewayError> {
        self.connection.call("three-ds-support", &CheckBody::from(request)).await
    }

    async fn send_deposits(&self, request: &CheckMethod) -> Result<DepositsAnswer, GatewayError> {
        Ok(match self.connection.call("deposits", &CheckBody::from(request)).await? {
            DepositsBody::Sent { amounts } => DepositsAnswer::Sent(amounts),
            DepositsBody::Refused(decline) => DepositsAnswer::Refused(decline.into()),
        })
    }
}
