//! Checks of saved methods, by token as payments are. They are in no books: no money that the books could tell of moves, and
//! the same question always has the same answer.

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tender_domain::ports::{
    Avs, CheckMethod, DeclineCode, DepositsAnswer, GatewayError, MethodChecks, ZeroAmountAnswer,
};
use tender_domain::vault::{Enrolment, MethodType, ThreeDsSupport, VerificationKind};

use crate::card_token::TokenCard;
use crate::decide::{is_past, refusal};
use crate::response_code::decline;
use crate::sca::VERSION;
use crate::{Behaviour, SimulatorGateway};

/// The amounts of all deposits that are simulated, in minor units: to be published, as test cards are.
const DEPOSITS: [i64; 2] = [32, 45];
impl SimulatorGateway {
    /// What is behind the token, unless the call is lost or refused.
    async fn checked(&self, request: &CheckMethod) -> Result<Option<TokenCard>, GatewayError> {
        use Behaviour as B;
        let card = self.charged(&request.tenant, request.token.expose_secret());
        match card.as_ref().map(|card| card.behaviour) {
            Some(B::Error) => {
                Err(GatewayError::NotDone("the gateway refused the call (tok_error)".to_owned()))
            }
            Some(B::TimeoutBefore | B::TimeoutAfter | B::ServerError | B::Malformed | B::CallbackOnly)
                if self.lost_checks.is_first(format!("{}/{}", request.tenant, request.reference)) =>
            {
                tokio::time::sleep(self.options.delay).await;
                Err(GatewayError::Unknown("the gateway did not answer in time".to_owned()))
            }
            Some(B::Slow) => {
                tokio::time::sleep(self.options.delay).await;
                Ok(card)
            }
            _ => Ok(card),
        }
    }
}

#[async_trait]
impl MethodChecks for SimulatorGateway {
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

    /// No money is asked for: a card without any is good.
    async fn authorize_nothing(&self, request: &CheckMethod) -> Result<ZeroAmountAnswer, GatewayError> {
        let Some(card) = self.checked(request).await? else {
            let message = "The token is not known to the gateway.";
            return Ok(ZeroAmountAnswer::Declined(refusal(DeclineCode::InvalidToken, None, message)));
        };
        let declined = match card.behaviour {
            Behaviour::Decline => {
                Some(refusal(DeclineCode::CardDeclined, Some("05"), "The card was declined."))
            }
            Behaviour::StolenCard => Some(decline("43")),
            Behaviour::ExpiredCard => Some(decline("54")),
            _ if is_past(&card, self.clock.now()) => Some(decline("54")),
            _ => None,
        };
        Ok(match declined {
            Some(decline) => ZeroAmountAnswer::Declined(decline),
            // A saved card has no code any more, so that none was checked.
            None => ZeroAmountAnswer::Approved {
                response_code: Some("85".to_owned()),
                avs: Avs { avs_result: Some("Y".to_owned()), cvv_result: Some("P".to_owned()) },
            },
        })
    }

    async fn three_ds_support(&self, request: &CheckMethod) -> Result<ThreeDsSupport, GatewayError> {
        let card = self.checked(request).await?;
        let enrolment = match card.map(|card| card.behaviour) {
            None | Some(Behaviour::AuthenticationUnavailable) => Enrolment::Unknown,
            Some(Behaviour::AuthenticationAttempted) => Enrolment::NotEnrolled,
            Some(_) => Enrolment::Enrolled,
        };
        let is_enrolled = enrolment == Enrolment::Enrolled;
        Ok(ThreeDsSupport {
            enrolment,
            version: is_enrolled.then(|| VERSION.to_owned()),
            device_fingerprint: is_enrolled,
        })
    }

    async fn send_deposits(&self, request: &CheckMethod) -> Result<DepositsAnswer, GatewayError> {
        let account = self.checked(request).await?;
        let taken = account.is_some_and(|account| account.behaviour != Behaviour::Decline);
        Ok(if taken {
            DepositsAnswer::Sent(DEPOSITS)
        } else {
            let message = "The account takes no deposits.";
            DepositsAnswer::Refused(refusal(DeclineCode::TransactionNotAllowed, None, message))
        })
    }
}
