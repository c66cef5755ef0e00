//! `POST /rentals/payments/gateway`: a payment on the gateway's own page.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::intents::Intent;
use tender_domain::kernel::{Answer, Caller};
use tender_domain::ports::SessionPage;
use tender_http::storefront::In;
use tender_http::storefront::rentals::{self, Envelope, ErrorBody, Refused, Route};
use tender_http::{Authorized, CalledFrom, Command, ResponseExt, keep, respond, scopes};
use utoipa::ToSchema;

use super::body::{Status, failure_message};
use super::payments::{pay, refused};
use super::request::{Gateway, GatewayBody, payer};
use crate::IntentsService;
use crate::payer_seen::seen_of;
use crate::use_cases::{Located, PayOrder, PayWith, PayerPage, Presenter};

type Service = web::Data<Arc<IntentsService>>;

const ROUTE: Route = Route::new("GATEWAY_ERROR").limited(&[rentals::PAYMENTS]);

/// How the dialect shows a payment by its page.
const PRESENTER: Presenter = Presenter {
    intent: |intent, _| shown(intent),
    capture: |intent, _| shown(intent),
    refusal: |refusal| Some(Refused::invalid(refusal.to_string()).to_answer()),
    error: |_| None,
};

/// The page of a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsGatewayData)]
struct PageBody {
    /// Where the user's browser goes to pay; `null` while the gateway's answer is not known.
    redirect_url: Option<String>,
    /// The session; what the gateway's callback names.
    #[schema(value_type = String, example = "apm_01h2xcejqtf2nbrexx3vqjhp41")]
    session_id: Option<String>,
    /// From when on it can no longer be paid there.
    expires_at: Option<DateTime<Utc>>,
}

impl PageBody {
    fn of(intent: &Intent) -> Self {
        let attempt = intent.attempts.iter().rev().find(|attempt| attempt.session.is_some());
        let open = intent.open_session().and_then(|attempt| attempt.challenge.as_ref());
        Self {
            redirect_url: open.map(|challenge| challenge.url.clone()),
            session_id: attempt.map(|attempt| attempt.id.session().to_string()),
            expires_at: attempt
                .and_then(|attempt| attempt.session.as_ref())
                .map(|session| session.expires_at),
        }
    }
}

/// 200 the page, 202 while it is not known, 500 `GATEWAY_ERROR` when there is none.
fn shown(intent: &Intent) -> Answer {
    let page = PageBody::of(intent);
    match Status::of(intent) {
        Status::Completed => {
            Refused::of(400, "BOOKING_ALREADY_PAID", "the booking is paid for already").to_answer()
        }
        Status::Failed => {
            let message = format!("Payment gateway error: {}", failure_message(intent));
            Refused::of(500, "GATEWAY_ERROR", message).to_answer()
        }
        Status::Pending if page.redirect_url.is_some() => {
            keep(200, &Envelope::success("Gateway payment initiated", page))
        }
        Status::Pending => {
            let message =
                "The booking's payment is being worked on; send the same request again to learn more";
            keep(202, &Envelope::success(message, page))
        }
    }
}

/// Begins a payment for a booking on a gateway's page.
///
/// A booking is paid once: while its page is open, the same call gives that same page.
#[utoipa::path(
    operation_id = "rentals_gateway_payment",
    tag = "rentals",
    path = "/rentals/payments/gateway",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same request again gets the first answer again")),
    request_body = GatewayBody,
    responses(
        (status = 200, description = "The page", body = Envelope<PageBody>),
        (status = 202, description = "The gateway's answer is not known yet, or the booking's payment is being worked on", body = Envelope<PageBody>),
        (status = 400, description = "`VALIDATION_ERROR`, `UNSUPPORTED_GATEWAY`, `GATEWAY_CONFIG_ERROR`, `PAYMENT_AMOUNT_MISMATCH`, `BOOKING_ALREADY_PAID`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`: another user's booking", body = ErrorBody),
        (status = 404, description = "`BOOKING_NOT_FOUND`", body = ErrorBody),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`GATEWAY_ERROR`: the gateway refused, or it could not be processed", body = ErrorBody),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/rentals/payments/gateway")]
pub(in crate::dialects) async fn begin(
    called: CalledFrom,
    caller: In<Refused, Authorized<scopes::IntentsWrite>>,
    command: In<Refused, Command<GatewayBody>>,
    service: Service,
) -> HttpResponse {
    let caller = caller.into_inner().into_caller();
    rentals::serve(&service.storefront.gate, caller, ROUTE, async |caller: Caller| {
        let Command { body, key, .. } = command.into_inner();
        let wanted = body.checked()?;
        let page = PayerPage {
            method: wanted.gateway.method().to_owned(),
            connector: Some(connector(&service, wanted.gateway).ok_or_else(not_set_up)?),
            return_url: wanted.return_url,
            page: SessionPage {
                cancel_url: Some(wanted.cancel_url),
                reference: Some(format!("Booking #{}", wanted.booking)),
                ..SessionPage::default()
            },
            located: Located::BySession,
        };
        let booked = (wanted.booking, wanted.amount);
        let pay = PayOrder {
            storefront: Some(payer(&called)),
            signals: seen_of(&caller, &called),
            ..pay(&caller, booked, PayWith::Page(page))
        };
        let answered = service.pay_order(&caller, pay, key, PRESENTER).await.map_err(refused)?;
        let mut response = respond(&answered.answer).replayed(answered.replayed);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response)
    })
    .await
}

fn not_set_up() -> Refused {
    Refused::of(400, "GATEWAY_CONFIG_ERROR", "the gateway is not set up here, or has no payment page")
}

/// The connector of a gateway. In the sandbox the one that takes new payments stands for one that is not set up.
pub(super) fn connector(service: &IntentsService, gateway: Gateway) -> Option<String> {
    let own = service.gateways.for_session(gateway.method(), Some(gateway.as_str()));
    let stand_in =
        || service.gateways.for_session(gateway.method(), None).filter(|_| service.options.sandbox);
    own.or_else(stand_in).map(str::to_owned)
}
