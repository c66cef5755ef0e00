//! The answer of a list.

use actix_web::body::BoxBody;
use actix_web::http::header::{HeaderValue, LINK};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use tender_domain::kernel::{Cursor, Direction, Page, PageRequest};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cursor;
use crate::answer::respond_json;

/// One page of a list, as a body and as a responder: `Link: rel="next"` is added when there is more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Paginated<T> {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// The rows, newest first.
    data: Vec<T>,
    /// Whether there is more in the direction asked.
    has_more: bool,
    /// What to give as `cursor` for more in the direction asked; null when there is none.
    next_cursor: Option<String>,
}

impl<T> Paginated<T> {
    /// The answer with a page's rows. `id_of` gives a row's UUID, by which the list is ordered.
    pub fn new(page: Page<T>, request: &PageRequest, id_of: impl Fn(&T) -> Uuid) -> Self {
        let Page { data, has_more } = page;
        let edge = match request.direction {
            Direction::Older => data.last(),
            Direction::Newer => data.first(),
        };
        let next_cursor =
            edge.filter(|_| has_more).map(|row| cursor::encode(Cursor(id_of(row)), request.direction));
        Self { object: "list", data, has_more, next_cursor }
    }
}

impl<T> Paginated<T> {
    /// The rows, whether there is more, and what to give as `cursor` for it: for a document with a form of its own.
    #[must_use]
    pub fn into_parts(self) -> (Vec<T>, bool, Option<String>) {
        (self.data, self.has_more, self.next_cursor)
    }
}

impl<T: Serialize> Responder for Paginated<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = respond_json(200, &self);
        if let Some(next) = &self.next_cursor {
            let link =
                format!("<{}?{}>; rel=\"next\"", request.path(), next_query(request.query_string(), next));
            if let Ok(link) = HeaderValue::from_str(&link) {
                response.headers_mut().insert(LINK, link);
            }
        }
        response
    }
}

/// The query again, with the place changed. The cursor's alphabet needs no escaping.
fn next_query(query: &str, next: &str) -> String {
    let place = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        matches!(name, "starting_after" | "ending_before" | "cursor")
    };
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !place(pair)).collect();
    let next = format!("cursor={next}");
    pairs.push(&next);
    pairs.join("&")
}
