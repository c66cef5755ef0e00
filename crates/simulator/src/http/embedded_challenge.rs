//! The issuer's page as a shop's page shows it within its own (EMV 3-D Secure 2): it is posted the challenge request, and
//! posts the challenge response to the shop's return address. Like the page for redirects it decides nothing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use serde::Deserialize;

use super::challenge_page::{NOTHING_OPEN, books_away, escape, is_web_address, page, page_posting_to};
use super::problem::Problem;
use crate::{SimulatorGateway, challenge};

const NOT_THIS_ONE: &str = "<h1>Another challenge</h1><p><code>creq</code> is not this challenge's.</p>";

/// What is posted by the shop's page, and by the button that is pressed.
#[derive(Deserialize)]
pub(crate) struct Posted {
    /// The challenge request.
    #[serde(default)]
    creq: String,
    /// `success` or `failed`, when a button was pressed.
    result: Option<String>,
}

pub(crate) async fn show(
    gateway: Data<SimulatorGateway>,
    reference: Path<String>,
    form: Form<Posted>,
) -> Result<HttpResponse, Problem> {
    let open = gateway.asked(&reference).await.map_err(|error| books_away(&error))?;
    let Some(asked) = open.filter(|asked| asked.embeds) else {
        return Ok(page(StatusCode::NOT_FOUND, NOTHING_OPEN));
    };
    if !challenge::is_creq_of(&form.creq, &reference) {
        return Ok(page(StatusCode::BAD_REQUEST, NOT_THIS_ONE));
    }
    Ok(match form.result.as_deref() {
        Some(result @ ("success" | "failed")) => {
            let cres = challenge::cres_of(&reference, result == "success");
            ended(&cres, asked.return_url.as_deref())
        }
        _ => page(StatusCode::OK, &to_meet(&asked.amount.to_string(), &form.creq)),
    })
}

fn to_meet(amount: &str, creq: &str) -> String {
    let (amount, creq) = (escape(amount), escape(creq));
    format!(
        "<h1>Is it you who pays {amount}?</h1><p>This is the simulated bank. No money moves.</p>\
         <form method=\"post\"><input type=\"hidden\" name=\"creq\" value=\"{creq}\">\
         <button class=\"yes\" name=\"result\" value=\"success\">Approve the payment</button>\
         <button name=\"result\" value=\"failed\">Refuse it</button></form>"
    )
}

/// A real issuer's page posts by itself; this one has no script, so that a button does.
fn ended(cres: &str, return_url: Option<&str>) -> HttpResponse {
    let cres = escape(cres);
    let known = return_url.filter(|url| is_web_address(url)).and_then(|url| Some((url, origin(url)?)));
    let Some((url, origin)) = known else {
        let content =
            format!("<h1>Thank you</h1><p>The shop completes the challenge with <code>{cres}</code>.</p>");
        return page(StatusCode::OK, &content);
    };
    let url = escape(url);
    let content = format!(
        "<h1>Thank you</h1><form method=\"post\" action=\"{url}\">\
         <input type=\"hidden\" name=\"cres\" value=\"{cres}\"><button class=\"yes\">Back to the shop</button></form>"
    );
    page_posting_to(&origin, StatusCode::OK, &content)
}

/// Scheme, host and port of a web address; none of one whose host has characters that no host has.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    host.bytes().all(plain).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_posted_to_the_shops_origin_and_no_word_more_gets_into_the_policy() {
        assert_eq!(origin("https://shop.test:8443/back?x=1").as_deref(), Some("https://shop.test:8443"));
        assert_eq!(origin("http://localhost#top").as_deref(), Some("http://localhost"));
        for url in ["https://shop.test; script-src *", "https://a@b/", "https:///x", "shop.test"] {
            assert_eq!(origin(url), None, "{url}");
        }
    }
}
