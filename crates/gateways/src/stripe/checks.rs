//! Checks of saved cards. An authorization of nothing is a setup intent (<https://docs.stripe.com/api/setup_intents>); the
//! checks of its latest attempt (`payment_method_details.card.checks`: `address_line1_check`, `address_postal_code_check`,
//! `cvc_check`, each `pass`, `fail`, `unavailable` or `unchecked`, as Stripe's own libraries have them) are none where Stripe
//! does not tell them. Whether a card can be authenticated is `three_d_secure_usage` of its payment method.

use async_trait::async_trait;
use tender_domain::ports::{
    CheckMethod, Decline, DeclineCode, GatewayAnswer, GatewayError, MethodChecks, ZeroAmountAnswer,
};
use tender_domain::vault::{Enrolment, MethodType, ThreeDsSupport, VerificationKind};

use super::adapter::StripeGateway;
use super::answer::{checks_of, no_token};
use super::call::Response;
use super::decline::decline;
use super::refusal::{object, only_asked};
use super::request;
use super::token::{Token, is_id};
use super::wire::{Expandable, PaymentMethod, SetupIntent};

#[async_trait]
impl MethodChecks for StripeGateway {
    fn verifies(&self, kind: VerificationKind, method_type: MethodType) -> bool {
        method_type == MethodType::Card
            && matches!(kind, VerificationKind::ZeroAmount | VerificationKind::ThreeDs)
    }

    async fn authorize_nothing(&self, request: &CheckMethod) -> Result<ZeroAmountAnswer, GatewayError> {
        let Some(token) = Token::of(&request.token) else { return of_no_token() };
        let mut read = asked(&self.connection.post(request::set_up(request, token)).await?)?;
        if let Read::Unfinished(id) = &read {
            let answer = only_asked(self.connection.get(request::setup(id)).await)?;
            read = only_asked(asked(&answer))?;
        }
        match read {
            Read::Ended(answer) => Ok(answer),
            Read::Challenged(id) => {
                // Nobody is there to meet it. That it stays open would harm nobody, so its end is not waited for twice.
                if let Err(error) = self.connection.post(request::give_setup_up(request, &id)).await {
                    tracing::warn!(%error, setup = id, "a setup intent of Stripe's stays open");
                }
                Ok(ZeroAmountAnswer::Declined(to_authenticate()))
            }
            Read::Unfinished(id) => Err(GatewayError::Unknown(format!("Stripe is still at {id}"))),
        }
    }

    async fn three_ds_support(&self, request: &CheckMethod) -> Result<ThreeDsSupport, GatewayError> {
        let none = |why: &str| GatewayError::NotDone(why.to_owned());
        let token = Token::of(&request.token).ok_or_else(|| none("the token is none of Stripe's"))?;
        let answer = self.connection.get(request::method(token)).await?;
        let method: PaymentMethod = object(&answer)?.map_err(|refusal| refusal.error())?;
        let card = method.card.ok_or_else(|| none("the payment method is no card"))?;
        let enrolment = match card.three_d_secure_usage.map(|usage| usage.supported) {
            Some(true) => Enrolment::Enrolled,
            Some(false) => Enrolment::NotEnrolled,
            None => Enrolment::Unknown,
        };
        Ok(ThreeDsSupport { enrolment, version: None, device_fingerprint: false })
    }
}

enum Read {
    Ended(ZeroAmountAnswer),
    /// The setup intent that the customer would have to authenticate.
    Challenged(String),
    /// The same request again would be told the same again; its id is asked instead.
    Unfinished(String),
}

fn asked(response: &Response) -> Result<Read, GatewayError> {
    let setup: SetupIntent = match object(response)? {
        Ok(setup) => setup,
        Err(refusal) if refusal.is_of_the_token() => return of_no_token().map(Read::Ended),
        Err(refusal) => {
            return match refusal.answer()? {
                GatewayAnswer::Declined(why) => Ok(Read::Ended(ZeroAmountAnswer::Declined(why))),
                _ => Err(GatewayError::Unknown("a refusal of Stripe's is no decline".to_owned())),
            };
        }
    };
    if !is_id(&setup.id, "seti_") {
        return Err(GatewayError::Unknown("Stripe's setup intent has no id".to_owned()));
    }
    match (setup.status.as_str(), &setup.last_setup_error) {
        ("succeeded", _) => {
            let details = match &setup.latest_attempt {
                Some(Expandable::Object(attempt)) => attempt.payment_method_details.as_ref(),
                _ => None,
            };
            let avs = checks_of(details);
            Ok(Read::Ended(ZeroAmountAnswer::Approved { response_code: None, avs }))
        }
        ("requires_action", _) => Ok(Read::Challenged(setup.id)),
        ("requires_payment_method", Some(error)) => {
            Ok(Read::Ended(ZeroAmountAnswer::Declined(decline(error))))
        }
        ("processing", _) => Ok(Read::Unfinished(setup.id)),
        (status, _) => Err(GatewayError::Unknown(format!("the setup intent is {status} at Stripe"))),
    }
}

fn of_no_token() -> Result<ZeroAmountAnswer, GatewayError> {
    match no_token() {
        GatewayAnswer::Declined(why) => Ok(ZeroAmountAnswer::Declined(why)),
        _ => Err(GatewayError::NotDone("the token is none of Stripe's".to_owned())),
    }
}

fn to_authenticate() -> Decline {
    Decline {
        code: DeclineCode::AuthenticationRequired,
        network_code: None,
        message: "the card's issuer wants its owner to authenticate".to_owned(),
        sca: None,
    }
}
