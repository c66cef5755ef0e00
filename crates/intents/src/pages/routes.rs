//! `/pay/{token}`: the page behind a payment link.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use tender_domain::intents::{AttemptStatus, Intent, IntentStatus};
use tender_domain::kernel::mask_card_numbers;
use tender_domain::payment_links::LinkState;
use tender_http::{CalledFrom, Problem};
use utoipa::{IntoParams, ToSchema};

use super::views::{CardView, ReviewView, StatusView, Summary, page};
use crate::IntentsError;
use crate::http::{PRESENTER, Service, base_of};
use crate::payer_seen::seen_in_browser;
use crate::use_cases::{LinkPage, NotTried, Shop};

const STYLES: &str = include_str!("pay.css");

/// What the page is asked to show.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The form whose payment is shown.
    form: Option<String>,
    /// What was wrong with the card that was sent: `card`, `form` or `busy`; or why it was not tried: `amount`, `method`
    /// or `payment`.
    problem: Option<String>,
    /// What the bank's page handed over.
    result: Option<String>,
}

/// The customer's word that it is to be paid.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmPaymentPage)]
pub(crate) struct ConfirmForm {
    /// The form by which the card was sent.
    form: String,
}

/// Shows the payment page of a link: the card form, or what came of it.
#[utoipa::path(
    operation_id = "show_payment_page",
    tag = "payment-page",
    path = "/pay/{token}",
    params(("token" = String, Path, description = "The link's token"), PageQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "No such link; a page too", body = String, content_type = "text/html"),
    ),
    security(()),
)]
#[get("/pay/{token}")]
pub(crate) async fn pay(
    request: HttpRequest,
    token: web::Path<String>,
    query: web::Query<PageQuery>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let shown = match service.open_link(&token, query.form.as_deref()).await {
        Err(IntentsError::NoSuchLink) => return unknown(),
        other => other?,
    };
    if let Some(view) = outcome(&shown, &token, query.form.as_deref(), &base_of(&request, &service)) {
        return page(200, &view);
    }
    let form = service.new_form(&shown.link).await?;
    let view = CardView {
        title: "Pay by card",
        refresh: false,
        test_mode: !shown.link.livemode,
        token: token.into_inner(),
        ticket: form.ticket,
        problem: problem(&shown, query.problem.as_deref()),
        summary: Summary::from(&shown.link),
    };
    page(200, &view)
}

/// Shows the payment once more before it is made.
#[utoipa::path(
    operation_id = "review_payment_page",
    tag = "payment-page",
    path = "/pay/{token}/review",
    params(("token" = String, Path, description = "The link's token"), PageQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 303, description = "To the link's page: there is nothing to look over"),
        (status = 404, description = "No such link; a page too", body = String, content_type = "text/html"),
    ),
    security(()),
)]
#[get("/pay/{token}/review")]
pub(crate) async fn review(
    token: web::Path<String>,
    query: web::Query<PageQuery>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let form = query.into_inner().form.unwrap_or_default();
    let shown = match service.open_link(&token, Some(&form)).await {
        Err(IntentsError::NoSuchLink) => return unknown(),
        other => other?,
    };
    let method = service.card_of_form(&shown.link, &form).await?;
    let to_be_paid = outcome(&shown, &token, None, "").is_none();
    let Some(method) = method.filter(|_| to_be_paid) else { return Ok(to_page(&token, Some(&form))) };
    let view = ReviewView {
        title: "Look it over and pay",
        refresh: false,
        test_mode: !shown.link.livemode,
        token: token.into_inner(),
        form,
        brand: method.brand,
        last4: method.last4,
        summary: Summary::from(&shown.link),
    };
    page(200, &view)
}

/// Pays a link with the card that was sent by a form: once, however often it is sent.
#[utoipa::path(
    operation_id = "confirm_payment_page",
    tag = "payment-page",
    path = "/pay/{token}/confirm",
    params(("token" = String, Path, description = "The link's token")),
    request_body(content = ConfirmForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "To the link's page, which shows what came of it"),
        (status = 404, description = "No such link or form; a page too", body = String, content_type = "text/html"),
    ),
    security(()),
)]
#[post("/pay/{token}/confirm")]
pub(crate) async fn confirm(
    called: CalledFrom,
    token: web::Path<String>,
    body: Option<web::Form<ConfirmForm>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Some(web::Form(body)) = body else { return unknown() };
    let shop = Shop { signals: seen_in_browser(&called), present: PRESENTER };
    match service.pay_link(&token, &body.form, shop).await {
        Ok(refused) => Ok(to_page_with(&token, Some(&body.form), refused)),
        Err(IntentsError::NoSuchLink | IntentsError::NoSuchForm) => unknown(),
        Err(error) => Err(error.into()),
    }
}

/// Takes the customer back from the bank, and shows what came of it.
#[utoipa::path(
    operation_id = "return_to_payment_page",
    tag = "payment-page",
    path = "/pay/{token}/return",
    params(("token" = String, Path, description = "The link's token"), PageQuery),
    responses(
        (status = 303, description = "To the link's page"),
        (status = 404, description = "No such link; a page too", body = String, content_type = "text/html"),
    ),
    security(()),
)]
#[get("/pay/{token}/return")]
pub(crate) async fn returned(
    token: web::Path<String>,
    query: web::Query<PageQuery>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let result: String = query.result.as_deref().unwrap_or_default().chars().take(1_000).collect();
    match service.return_to_link(&token, query.form.as_deref(), result, PRESENTER).await {
        Ok(()) => Ok(to_page(&token, query.form.as_deref())),
        Err(IntentsError::NoSuchLink) => unknown(),
        Err(error) => Err(error.into()),
    }
}

/// The page's styles.
#[utoipa::path(
    operation_id = "payment_page_styles",
    tag = "payment-page",
    path = "/pay-assets/pay.css",
    responses((status = 200, description = "The styles", body = String, content_type = "text/css")),
    security(()),
)]
#[get("/pay-assets/pay.css")]
pub(crate) async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(STYLES)
}

fn to_page(token: &str, form: Option<&str>) -> HttpResponse {
    to_page_with(token, form, None)
}

/// The tokens and forms that reach this are of letters, digits, `-` and `_` only.
fn to_page_with(token: &str, form: Option<&str>, refused: Option<NotTried>) -> HttpResponse {
    let plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let form = form.filter(|form| !form.is_empty() && plain(form));
    let told = form.map(|form| format!("form={form}"));
    let told: Vec<String> =
        told.into_iter().chain(refused.map(|why| format!("problem={}", why.as_str()))).collect();
    let query = if told.is_empty() { String::new() } else { format!("?{}", told.join("&")) };
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/pay/{token}{query}"))).finish()
}

fn unknown() -> Result<HttpResponse, Problem> {
    let text = "The address is not complete, or was never one of ours. Open it from the message again.";
    page(404, &status("Page not found", ("bad", "There is no payment here"), text.to_owned()))
}

/// A page that says where something stands.
pub(crate) fn status(
    title: &'static str,
    (tone, heading): (&'static str, &'static str),
    text: String,
) -> StatusView {
    StatusView {
        title,
        refresh: false,
        test_mode: false,
        tone,
        heading,
        text,
        summary: None,
        action: None,
        reference: None,
    }
}

/// What came of it; none while a card can be sent.
fn outcome(shown: &LinkPage, token: &str, form: Option<&str>, base: &str) -> Option<StatusView> {
    let view = match shown.intent.as_ref().map(|intent| (intent, intent.status)) {
        Some((
            intent,
            IntentStatus::Succeeded | IntentStatus::RequiresCapture | IntentStatus::Authorized,
        )) => {
            let text = format!("We have received your payment of {}.", intent.amount);
            Some(status("Payment received", ("good", "Thank you, it is paid"), text))
        }
        Some((_, IntentStatus::Processing)) => {
            let text =
                "Your bank has not answered yet. Do not pay again: this page shows the outcome by itself.";
            let waiting =
                status("Payment in progress", ("calm", "We are waiting for your bank"), text.to_owned());
            Some(StatusView { refresh: true, ..waiting })
        }
        Some((intent, IntentStatus::RequiresAction)) => Some(challenge(intent, token, form, base)),
        Some((_, IntentStatus::Failed | IntentStatus::Canceled)) => {
            let text = "Nothing was charged. Please ask who sent you the link for another way to pay.";
            Some(status("Payment not possible", ("bad", "The payment was not possible"), text.to_owned()))
        }
        _ => ended(shown.state),
    };
    view.map(|view| StatusView {
        test_mode: !shown.link.livemode,
        summary: Some(Summary::from(&shown.link)),
        reference: shown.intent.as_ref().map(|intent| intent.id.to_string()),
        ..view
    })
}

fn ended(state: LinkState) -> Option<StatusView> {
    let text = "Please ask who sent you the link for a new one.".to_owned();
    match state {
        LinkState::Active => None,
        LinkState::Completed => {
            let text = "There is nothing more to do.".to_owned();
            Some(status("Payment received", ("good", "It is paid"), text))
        }
        LinkState::Canceled => Some(status("Link withdrawn", ("bad", "This link was withdrawn"), text)),
        LinkState::Expired => Some(status("Link expired", ("bad", "This link has expired"), text)),
    }
}

/// On to the bank, which sends the customer back here.
fn challenge(intent: &Intent, token: &str, form: Option<&str>, base: &str) -> StatusView {
    let open = intent.attempts.iter().find(|attempt| attempt.status == AttemptStatus::Challenge);
    let action = open.and_then(|attempt| attempt.challenge.as_ref()).map(|challenge| {
        let query = form.map(|form| format!("?form={form}")).unwrap_or_default();
        let back = format!("{base}/pay/{token}/return{query}");
        let joint = if challenge.url.contains('?') { '&' } else { '?' };
        (format!("{}{joint}return_url={}", challenge.url, escaped(&back)), "Continue to your bank")
    });
    let text = "Your bank wants to be sure that it is you. You come back here afterwards.";
    let asked = status("Confirm with your bank", ("calm", "One more step"), text.to_owned());
    StatusView { action, ..asked }
}

/// Percent-encoded, as a value of a query.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

/// What to tell beside the card form.
fn problem(shown: &LinkPage, named: Option<&str>) -> Option<String> {
    if let Some(why) = named.and_then(NotTried::find) {
        let text = match why {
            NotTried::Amount => "payments of this amount are not accepted here",
            NotTried::Method => "cards are not accepted for this payment",
            NotTried::Payment => "this payment cannot be made now",
        };
        return Some(format!(
            "{text}. Nothing was charged. Please ask who sent you the link for another way to pay."
        ));
    }
    let text = match named {
        Some("card") => "the card's number, expiry date or security code is not right.",
        Some("form") => "the page was open for too long; please enter the card again.",
        Some("busy") => "the card could not be checked just now; nothing was charged. Please try again.",
        _ => {
            let error = shown.intent.as_ref()?.last_payment_error.as_ref()?;
            let said = mask_card_numbers(error.message.trim_end_matches('.'));
            return Some(format!(
                "the payment was not accepted: {said}. Nothing was charged; try another card."
            ));
        }
    };
    Some(text.to_owned())
}
