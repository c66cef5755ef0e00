//! What the page shows, as templates.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use askama::Template;
use tender_domain::payment_links::{Detail, PaymentLink};
use tender_http::Problem;

/// No script, no style but our own file, forms to this origin only.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// What is paid for.
pub(crate) struct Summary {
    description: String,
    amount: String,
    currency: &'static str,
    details: Vec<Detail>,
}

impl From<&PaymentLink> for Summary {
    fn from(link: &PaymentLink) -> Self {
        let order = link.order_ref.as_ref().map(|order| format!("Order {order}"));
        Self {
            description: link.description.clone().or(order).unwrap_or_else(|| "Your payment".to_owned()),
            amount: link.amount.to_decimal().to_string(),
            currency: link.amount.currency().code(),
            details: link.details.clone(),
        }
    }
}

/// The card form.
#[derive(Template)]
#[template(path = "card.html")]
pub(super) struct CardView {
    pub(super) title: &'static str,
    pub(super) refresh: bool,
    pub(super) test_mode: bool,
    pub(super) token: String,
    pub(super) ticket: String,
    pub(super) problem: Option<String>,
    pub(super) summary: Summary,
}

/// The last look before it is paid.
#[derive(Template)]
#[template(path = "review.html")]
pub(super) struct ReviewView {
    pub(super) title: &'static str,
    pub(super) refresh: bool,
    pub(super) test_mode: bool,
    pub(super) token: String,
    pub(super) form: String,
    pub(super) brand: String,
    pub(super) last4: String,
    pub(super) summary: Summary,
}

/// What came of it.
#[derive(Template)]
#[template(path = "status.html")]
pub(crate) struct StatusView {
    pub(crate) title: &'static str,
    pub(crate) refresh: bool,
    pub(crate) test_mode: bool,
    pub(crate) tone: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) text: String,
    pub(crate) summary: Option<Summary>,
    pub(crate) action: Option<(String, &'static str)>,
    pub(crate) reference: Option<String>,
}

/// The page as an answer.
pub(crate) fn page(status: u16, view: &impl Template) -> Result<HttpResponse, Problem> {
    let html = view.render().map_err(|error| {
        tracing::error!(%error, "the payment page could not be rendered");
        Problem::internal()
    })?;
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    Ok(HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(html))
}
