//! `/pay/{token}`: the page behind a payment link.

use actix_web::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use tender_domain::payment_links::Guest;
use tender_domain::ports::SessionFlow;
use tender_http::{CalledFrom, Problem};
use utoipa::{IntoParams, ToSchema};

use super::methods::offered;
use super::outcome::{Viewer, about, not_possible, outcome, problem, status};
use super::views::{CardView, ReviewView, Summary, page};
use crate::IntentsError;
use crate::http::{PRESENTER, Service, base_of};
use crate::payer_seen::seen_in_browser;
use crate::use_cases::{NotTried, PageSession, Shop};
use crate::words::{Words, fill, words_for};

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

/// The way to pay that the customer chose: exactly one of two.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChoosePaymentMethod)]
pub(crate) struct MethodForm {
    /// The form that the page showed.
    form: String,
    /// The method, to be paid in this browser.
    #[schema(example = "ideal")]
    redirect: Option<String>,
    /// The method, to be paid with a telephone that scans a code.
    qr: Option<String>,
}

/// Shows the payment page of a link: the ways to pay, or what came of it.
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
        Err(IntentsError::NoSuchLink) => return unknown(&request),
        other => other?,
    };
    let words = words_of(&request, Some(&shown.link.guest));
    let base = base_of(&request, &service);
    let viewer = Viewer { words, token: &token, form: query.form.as_deref(), base: &base };
    if let Some(view) = outcome(&shown, &viewer) {
        return page(200, &view);
    }
    let ways = service.ways_to_pay(&shown.link).await;
    let problem = problem(&shown, query.problem.as_deref(), words);
    if ways.is_none() && query.problem.is_none() {
        return page(200, &about(&shown, not_possible(words), words));
    }
    let forms = service.new_forms(&shown.link, ways.card).await?;
    let view = CardView {
        words,
        title: match (ways.card, ways.others.is_empty()) {
            (false, true) => words.failed,
            (true, true) => words.pay_by_card,
            (_, false) => words.choose,
        },
        refresh: false,
        test_mode: !shown.link.livemode,
        token: token.into_inner(),
        ticket: forms.ticket,
        form: forms.form,
        methods: offered(ways.others),
        problem,
        summary: Summary::of(&shown.link, words),
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
    request: HttpRequest,
    token: web::Path<String>,
    query: web::Query<PageQuery>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let form = query.into_inner().form.unwrap_or_default();
    let shown = match service.open_link(&token, Some(&form)).await {
        Err(IntentsError::NoSuchLink) => return unknown(&request),
        other => other?,
    };
    let method = service.card_of_form(&shown.link, &form).await?;
    let words = words_of(&request, Some(&shown.link.guest));
    let to_be_paid = outcome(&shown, &Viewer { words, token: &token, form: None, base: "" }).is_none();
    let Some(method) = method.filter(|_| to_be_paid) else { return Ok(to_page(&token, Some(&form))) };
    let view = ReviewView {
        words,
        title: words.review,
        refresh: false,
        test_mode: !shown.link.livemode,
        token: token.into_inner(),
        form,
        brand: method.brand,
        last4: method.last4,
        pay: fill(words.pay, &[("amount", &words.amount(shown.link.amount))]),
        summary: Summary::of(&shown.link, words),
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
    request: HttpRequest,
    called: CalledFrom,
    token: web::Path<String>,
    body: Option<web::Form<ConfirmForm>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Some(web::Form(body)) = body else { return unknown(&request) };
    let shop = Shop { signals: seen_in_browser(&called), present: PRESENTER };
    match service.pay_link(&token, &body.form, shop).await {
        Ok(refused) => Ok(to_page_with(&token, Some(&body.form), refused)),
        Err(IntentsError::NoSuchLink | IntentsError::NoSuchForm) => unknown(&request),
        Err(error) => Err(error.into()),
    }
}

/// Begins the payment of a link by a method that the page offers: once, however often it is sent.
#[utoipa::path(
    operation_id = "choose_payment_page_method",
    tag = "payment-page",
    path = "/pay/{token}/method",
    params(("token" = String, Path, description = "The link's token")),
    request_body(content = MethodForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "To the link's page, which leads on to the method's"),
        (status = 404, description = "No such link or form; a page too", body = String, content_type = "text/html"),
    ),
    security(()),
)]
#[post("/pay/{token}/method")]
pub(crate) async fn choose(
    request: HttpRequest,
    called: CalledFrom,
    token: web::Path<String>,
    body: Option<web::Form<MethodForm>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Some(web::Form(MethodForm { form, redirect, qr })) = body else { return unknown(&request) };
    let (method, flow) = match (redirect, qr) {
        (Some(method), None) => (method, SessionFlow::Redirect),
        (None, Some(method)) => (method, SessionFlow::Qr),
        _ => return unknown(&request),
    };
    let return_url = format!("{}/pay/{token}/return?form={form}", base_of(&request, &service));
    let wanted = PageSession { form: form.clone(), method, flow, return_url };
    let shop = Shop { signals: seen_in_browser(&called), present: PRESENTER };
    match service.pay_link_elsewhere(&token, wanted, shop).await {
        Ok(refused) => Ok(to_page_with(&token, Some(&form), refused)),
        Err(IntentsError::NoSuchLink | IntentsError::NoSuchForm) => unknown(&request),
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
    request: HttpRequest,
    token: web::Path<String>,
    query: web::Query<PageQuery>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let result: String = query.result.as_deref().unwrap_or_default().chars().take(1_000).collect();
    match service.return_to_link(&token, query.form.as_deref(), result, PRESENTER).await {
        Ok(()) => Ok(to_page(&token, query.form.as_deref())),
        Err(IntentsError::NoSuchLink) => unknown(&request),
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

/// The language of a guest, else of who looks at the page.
pub(crate) fn words_of(request: &HttpRequest, guest: Option<&Guest>) -> &'static Words {
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    words_for(guest.and_then(|guest| guest.locale.as_deref()), accepted)
}

fn unknown(request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let words = words_of(request, None);
    page(404, &status(words, words.lost_title, ("bad", words.lost), words.lost_text.to_owned()))
}
