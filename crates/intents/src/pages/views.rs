//! What the page shows, as templates.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use askama::Template;
use tender_domain::payment_links::{Detail, PaymentLink};
use tender_http::Problem;

use crate::words::{Words, fill};

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

impl Summary {
    pub(super) fn of(link: &PaymentLink, words: &Words) -> Self {
        let order = link.order_ref.as_ref().map(|order| fill(words.order, &[("order", order)]));
        Self {
            description: link.description.clone().or(order).unwrap_or_else(|| words.your_payment.to_owned()),
            amount: words.number(link.amount),
            currency: link.amount.currency().code(),
            details: link.details.clone(),
        }
    }
}

/// A way to pay elsewhere.
pub(super) struct MethodView {
    pub(super) name: String,
    pub(super) shown: String,
}

/// The ways to pay: the card form, and those that lead elsewhere.
#[derive(Template)]
#[template(path = "card.html")]
pub(super) struct CardView {
    pub(super) words: &'static Words,
    pub(super) title: &'static str,
    pub(super) refresh: bool,
    pub(super) test_mode: bool,
    pub(super) token: String,
    /// Of the card form; none where no card is taken.
    pub(super) ticket: Option<String>,
    /// Of the form of the other ways.
    pub(super) form: String,
    pub(super) methods: Vec<MethodView>,
    pub(super) problem: Option<String>,
    pub(super) summary: Summary,
}

/// The last look before it is paid.
#[derive(Template)]
#[template(path = "review.html")]
pub(super) struct ReviewView {
    pub(super) words: &'static Words,
    pub(super) title: &'static str,
    pub(super) refresh: bool,
    pub(super) test_mode: bool,
    pub(super) token: String,
    pub(super) form: String,
    pub(super) brand: String,
    pub(super) last4: String,
    pub(super) pay: String,
    pub(super) summary: Summary,
}

/// A code for a telephone, as one path of an image.
pub(crate) struct Code {
    /// The image's width and height, in the code's own squares.
    pub(super) size: i32,
    pub(super) path: String,
    pub(super) label: String,
}

/// What came of it.
#[derive(Template)]
#[template(path = "status.html")]
pub(crate) struct StatusView {
    pub(crate) words: &'static Words,
    pub(crate) title: String,
    pub(crate) refresh: bool,
    pub(crate) test_mode: bool,
    pub(crate) tone: &'static str,
    pub(crate) heading: &'static str,
    pub(crate) text: String,
    pub(crate) summary: Option<Summary>,
    pub(crate) code: Option<Code>,
    pub(crate) action: Option<(String, String)>,
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
