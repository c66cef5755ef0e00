//! Checks of stored cards: verifications, by which an issuer is asked and nothing is held. One that is asked for again is
//! another one, and has no other effect.

use async_trait::async_trait;
use tender_domain::ports::{CheckMethod, GatewayError, MethodChecks, ZeroAmountAnswer};
use tender_domain::vault::{MethodType, VerificationKind};

use super::adapter::WorldpayGateway;
use super::answer;
use super::call::WHO;
use super::token::token_id;
use crate::said::unknown_token;

#[async_trait]
impl MethodChecks for WorldpayGateway {
    fn verifies(&self, kind: VerificationKind, method_type: MethodType) -> bool {
        kind == VerificationKind::ZeroAmount && method_type == MethodType::Card
    }

    async fn authorize_nothing(&self, request: &CheckMethod) -> Result<ZeroAmountAnswer, GatewayError> {
        let Some(id) = token_id(&request.token, &request.tenant) else {
            return Ok(ZeroAmountAnswer::Declined(unknown_token(WHO)));
        };
        let asked = self.account().verify(request, &self.connection.token_href(id)?);
        answer::verified(&self.connection.post(asked).await?)
    }
}
