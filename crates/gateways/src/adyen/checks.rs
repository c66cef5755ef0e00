//! Checks of stored cards: a payment of nothing
//! (<https://docs.adyen.com/payment-methods/cards/bin-data-and-card-verification/>). Sent again under the same key it is
//! the same one.

use async_trait::async_trait;
use tender_domain::ports::{CheckMethod, GatewayError, MethodChecks, ZeroAmountAnswer};
use tender_domain::vault::{MethodType, VerificationKind};

use super::adapter::AdyenGateway;
use super::answer;
use super::token::Token;

#[async_trait]
impl MethodChecks for AdyenGateway {
    fn verifies(&self, kind: VerificationKind, method_type: MethodType) -> bool {
        kind == VerificationKind::ZeroAmount && method_type == MethodType::Card
    }

    async fn authorize_nothing(&self, request: &CheckMethod) -> Result<ZeroAmountAnswer, GatewayError> {
        let Some(token) = Token::of(&request.token, &request.tenant) else {
            return answer::of_declined(answer::no_token());
        };
        answer::checked(&self.connection.post(self.account().check(request, token)).await?)
    }
}
