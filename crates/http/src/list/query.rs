//! The query of a list.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_path_to_error::{Path, Segment};
use tender_domain::kernel::{Cursor, Direction, Limits, PageRequest};
use utoipa::{IntoParams, ToSchema};

use super::cursor;
use super::text::{Node, insert};
use crate::Problem;

const PARAMETERS_MAX: usize = 64;

/// Which rows were made when: `created[gte]=2026-01-01T00:00:00Z`. The bounds are RFC 3339 instants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatedRange {
    /// Later than.
    pub gt: Option<DateTime<Utc>>,
    /// At or later than.
    pub gte: Option<DateTime<Utc>>,
    /// Earlier than.
    pub lt: Option<DateTime<Utc>>,
    /// At or earlier than.
    pub lte: Option<DateTime<Utc>>,
}

/// Which metadata rows must have: `metadata[key]=value`.
pub type MetadataFilter = BTreeMap<String, String>;

/// The filter of a list that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// Extractor of a list's query: the page, and the list's own filter.
///
/// `F` says `#[serde(deny_unknown_fields)]`; an unknown parameter is then a 400 that names it. Its fields are options:
/// texts, whole numbers, `bool`, enums of words, ids, [`CreatedRange`] for `created[gte]=…`, [`MetadataFilter`] for
/// `metadata[key]=…`, `Vec` for `expand[]=…`. `#[serde(flatten)]` does not go together with unknown fields refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery<F> {
    /// Which page: `limit`, and one of `starting_after`, `ending_before`, `cursor`.
    pub page: PageRequest,
    /// Which rows.
    pub filter: F,
}

/// Extractor of the query of a list without a filter.
pub type PageQuery = ListQuery<NoFilter>;

impl<F: DeserializeOwned> ListQuery<F> {
    /// Reads a query string.
    ///
    /// # Errors
    /// 400 that names the parameter.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let mut tree = tree_of(query)?;
        let page = take_page(&mut tree)?;
        Ok(Self { page, filter: read(tree)? })
    }
}

/// Extractor of the query of a route that is no list: what `Q` names, as [`ListQuery`] reads a list's filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainQuery<Q>(pub Q);

impl<Q: DeserializeOwned> PlainQuery<Q> {
    /// Reads a query string.
    ///
    /// # Errors
    /// 400 that names the parameter.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        Ok(Self(read(tree_of(query)?)?))
    }
}

fn tree_of(query: &str) -> Result<BTreeMap<String, Node>, Problem> {
    let mut tree = BTreeMap::new();
    let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|_| Problem::bad_request("malformed_query", "the query string cannot be read"))?
        .into_inner();
    if pairs.len() > PARAMETERS_MAX {
        let detail = format!("the query has more than {PARAMETERS_MAX} parameters");
        return Err(Problem::bad_request("malformed_query", detail));
    }
    for (name, value) in pairs {
        insert(&mut tree, &name, value).map_err(|why| invalid(&name, why))?;
    }
    Ok(tree)
}

fn read<T: DeserializeOwned>(tree: BTreeMap<String, Node>) -> Result<T, Problem> {
    let entries: MapDeserializer<'_, _, super::text::QueryError> = MapDeserializer::new(tree.into_iter());
    serde_path_to_error::deserialize(entries).map_err(|error| {
        let path = bracketed(error.path());
        let message = error.into_inner().to_string();
        match message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
            Some(unknown) => unknown_parameter(&path, unknown),
            None => invalid(&path, &message),
        }
    })
}

/// The parameter's name as the client wrote it: `created[gte]`.
fn bracketed(path: &Path) -> String {
    path.iter().fold(String::new(), |name, segment| match segment {
        Segment::Map { key } if name.is_empty() => key.clone(),
        Segment::Map { key } => format!("{name}[{key}]"),
        Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown => name,
    })
}

fn unknown_parameter(path: &str, unknown: &str) -> Problem {
    let names_it = path == unknown || path.ends_with(&format!("[{unknown}]"));
    let name: String = match (names_it, path.is_empty()) {
        (true, _) => path.to_owned(),
        (false, true) => unknown.to_owned(),
        (false, false) => format!("{path}[{unknown}]"),
    };
    let name: String = name.chars().take(64).collect();
    let detail = format!("the query parameter `{name}` is not known here");
    Problem::bad_request("unknown_parameter", detail).parameter(name, "unknown parameter; leave it out")
}

fn invalid(name: &str, why: &str) -> Problem {
    let shown: String = name.chars().take(64).collect();
    Problem::bad_request("invalid_parameter", format!("the query parameter `{shown}`: {why}"))
        .parameter(shown, why)
}

fn take_text(tree: &mut BTreeMap<String, Node>, name: &str) -> Result<Option<String>, Problem> {
    match tree.remove(name) {
        None => Ok(None),
        Some(Node::Text(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(name, "must be one plain value")),
    }
}

fn take_page(tree: &mut BTreeMap<String, Node>) -> Result<PageRequest, Problem> {
    let limit = match take_text(tree, "limit")? {
        None => Limits::PAGE_ROWS_DEFAULT,
        Some(text) => text.parse().map_err(|_| invalid("limit", "must be a whole number from 1 to 100"))?,
    };
    let after = take_text(tree, "starting_after")?;
    let before = take_text(tree, "ending_before")?;
    let token = take_text(tree, "cursor")?;
    let row = |name: &str, text: &str| -> Result<Option<Cursor>, Problem> {
        let cursor =
            cursor::at_row(text).ok_or_else(|| invalid(name, "must be the id of a row of this list"))?;
        Ok(Some(cursor))
    };
    let (cursor, direction) = match (after, before, token) {
        (None, None, None) => (None, Direction::Older),
        (Some(id), None, None) => (row("starting_after", &id)?, Direction::Older),
        (None, Some(id), None) => (row("ending_before", &id)?, Direction::Newer),
        (None, None, Some(text)) => cursor::decode(&text)
            .map(|(cursor, direction)| (Some(cursor), direction))
            .ok_or_else(|| invalid("cursor", "must be what `next_cursor` gave"))?,
        _ => {
            let why = "give one of starting_after, ending_before and cursor, never two";
            return Err(invalid("starting_after", why));
        }
    };
    PageRequest::new(limit, cursor, direction).map_err(|error| invalid("limit", &error.to_string()))
}

impl<F: DeserializeOwned> FromRequest for ListQuery<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()))
    }
}

impl<Q: DeserializeOwned> FromRequest for PlainQuery<Q> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()))
    }
}
