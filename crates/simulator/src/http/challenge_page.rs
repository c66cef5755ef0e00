//! The page on which a customer meets a challenge. It decides nothing: it shows what the shop hands on when it
//! completes the challenge, as a real issuer's page would send it along with the browser. In a session of an alternative
//! payment method it is the customer's bank: what is pressed there counts, and is told by callback.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use serde::Deserialize;
use tender_domain::kernel::StoreError;
use tender_domain::ports::SessionRequest;

use super::problem::Problem;
use crate::SimulatorGateway;
use crate::sessions::display_name;

const PAGE: &str = include_str!("challenge_page.html");
pub(super) const NOTHING_OPEN: &str =
    "<h1>No open challenge</h1><p>It has ended, or there never was one.</p>";
const RETURN_URL_CHARS_MAX: usize = 2048;

#[derive(Deserialize)]
pub(crate) struct ChallengeQuery {
    /// `success` or `failed`, when a button was pressed.
    result: Option<String>,
    /// Where the shop wants its customer back.
    return_url: Option<String>,
}

pub(crate) async fn show(
    gateway: Data<SimulatorGateway>,
    reference: Path<String>,
    query: Query<ChallengeQuery>,
) -> Result<HttpResponse, Problem> {
    let open = gateway.asked(&reference).await.map_err(|error| books_away(&error))?;
    let Some(asked_for) = open.filter(|asked| !asked.embeds) else {
        return Ok(page(StatusCode::NOT_FOUND, NOTHING_OPEN));
    };
    let amount = asked_for.amount;
    if let Some(session) = asked_for.session {
        return Ok(page(StatusCode::OK, &to_pay(&amount.to_string(), &session)));
    }
    let return_url = query.return_url.as_deref().or(asked_for.return_url.as_deref());
    let return_url = return_url.filter(|url| is_web_address(url));
    let content = match query.result.as_deref() {
        Some(result @ ("success" | "failed")) => ended(result, return_url),
        _ => asked(&amount.to_string(), return_url),
    };
    Ok(page(StatusCode::OK, &content))
}

/// What a customer presses in a session.
#[derive(Deserialize)]
pub(crate) struct PaidForm {
    /// `success`, `failed` or `canceled`.
    result: String,
}

/// The customer pays in a session, or does not.
pub(crate) async fn pay(
    gateway: Data<SimulatorGateway>,
    reference: Path<String>,
    form: Form<PaidForm>,
) -> Result<HttpResponse, Problem> {
    let open = gateway.asked(&reference).await.map_err(|error| books_away(&error))?;
    let Some(session) = open.and_then(|asked| asked.session) else {
        return Ok(page(StatusCode::NOT_FOUND, NOTHING_OPEN));
    };
    let result = match &*form.result {
        known @ ("success" | "canceled") => known,
        _ => "failed",
    };
    if !gateway.end_session(&reference, result).await.map_err(|error| books_away(&error))? {
        return Ok(page(StatusCode::NOT_FOUND, NOTHING_OPEN));
    }
    let cancel_url = session.page.as_ref().and_then(|page| page.cancel_url.as_deref());
    let cancel_url = cancel_url.filter(|_| result == "canceled");
    let return_url = cancel_url.or(session.return_url.as_deref()).filter(|url| is_web_address(url));
    let back = return_url.map(|url| format!("<p><a href=\"{}\">Back to the shop</a></p>", escape(url)));
    let content = match result {
        "success" => "<h1>Paid</h1>",
        _ => "<h1>Not paid</h1>",
    };
    Ok(page(StatusCode::OK, &format!("{content}{}", back.unwrap_or_default())))
}

fn to_pay(amount: &str, session: &SessionRequest) -> String {
    let (amount, method) = (escape(amount), escape(display_name(&session.method)));
    let page = session.page.as_deref();
    let told =
        |text: Option<&String>| text.map(|text| format!("<p>{}</p>", escape(text))).unwrap_or_default();
    let what = told(page.and_then(|page| page.reference.as_ref()));
    let who = told(page.and_then(|page| page.payer_name.as_ref()));
    format!(
        "<h1>Pay {amount} by {method}?</h1>{what}{who}<p>This is the simulated bank. No money moves.</p>\
         <form method=\"post\">\
         <button class=\"yes\" name=\"result\" value=\"success\">Pay</button>\
         <button name=\"result\" value=\"failed\">Be refused</button>\
         <button name=\"result\" value=\"canceled\">Go back without paying</button></form>"
    )
}

pub(super) fn books_away(error: &StoreError) -> Problem {
    tracing::error!(%error, "the simulator's books failed");
    Problem::books_away()
}

fn asked(amount: &str, return_url: Option<&str>) -> String {
    let amount = escape(amount);
    let hidden = return_url
        .map(|url| format!("<input type=\"hidden\" name=\"return_url\" value=\"{}\">", escape(url)))
        .unwrap_or_default();
    format!(
        "<h1>Is it you who pays {amount}?</h1><p>This is the simulated bank. No money moves.</p>\
         <form method=\"get\">{hidden}\
         <button class=\"yes\" name=\"result\" value=\"success\">Approve the payment</button>\
         <button name=\"result\" value=\"failed\">Refuse it</button></form>"
    )
}

fn ended(result: &str, return_url: Option<&str>) -> String {
    let back = match return_url {
        Some(url) => format!("<p><a href=\"{}\">Back to the shop</a></p>", escape(&with_result(url, result))),
        None => "<p>You may go back to the shop.</p>".to_owned(),
    };
    format!("<h1>Thank you</h1><p>The shop completes the challenge with <code>{result}</code>.</p>{back}")
}

/// The address with `result=…` added to its query.
fn with_result(url: &str, result: &str) -> String {
    let (before, fragment) = url.split_once('#').map_or((url, None), |(before, after)| (before, Some(after)));
    let joint = if before.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{before}{joint}result={result}{fragment}")
}

pub(super) fn is_web_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.chars().count() <= RETURN_URL_CHARS_MAX
        && !url.chars().any(char::is_control)
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

pub(super) fn page(status: StatusCode, content: &str) -> HttpResponse {
    page_posting_to("'self'", status, content)
}

/// The page, whose forms may be posted there alone.
pub(super) fn page_posting_to(target: &str, status: StatusCode, content: &str) -> HttpResponse {
    let policy = format!("default-src 'none'; style-src 'unsafe-inline'; form-action {target}");
    HttpResponse::build(status)
        .insert_header(("Content-Security-Policy", policy))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("Cache-Control", "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(PAGE.replace("{content}", content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_joins_the_query_and_stays_before_the_fragment() {
        assert_eq!(with_result("https://shop/back", "success"), "https://shop/back?result=success");
        assert_eq!(
            with_result("https://shop/back?a=1#top", "failed"),
            "https://shop/back?a=1&result=failed#top"
        );
    }

    #[test]
    fn only_web_addresses_are_linked_and_nothing_escapes_its_attribute() {
        assert!(!is_web_address("javascript:alert(1)"));
        assert!(!is_web_address("/relative"));
        let content = asked("9.00 EUR", Some("https://shop/\"><script>"));
        assert!(!content.contains("<script>"), "{content}");
    }
}
