//! `If-Match`: change only what one has read.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};
use tender_domain::kernel::Version;

use crate::Problem;

/// Extractor of `If-Match`. A weak tag (`W/"3"`) counts like the strong one: versions leave no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// The header is not there.
    Absent,
    /// `*`: whatever the version is.
    Any,
    /// One of these versions.
    OneOf(Vec<Version>),
}

const TAGS_MAX: usize = 16;

impl IfMatch {
    fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let tags =
            text.split(',').map(str::trim).map(parse_tag).take(TAGS_MAX + 1).collect::<Option<Vec<_>>>()?;
        (tags.len() <= TAGS_MAX).then_some(Self::OneOf(tags))
    }

    fn allows(&self, current: Version) -> bool {
        match self {
            Self::Absent | Self::Any => true,
            Self::OneOf(versions) => versions.contains(&current),
        }
    }
}

fn parse_tag(tag: &str) -> Option<Version> {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    let number = strong.strip_prefix('"')?.strip_suffix('"')?;
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| number.parse().ok().map(Version::new)).flatten()
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let malformed = || {
            let detail = "`If-Match` must be an ETag that was given with the resource, as `\"3\"`, or `*`";
            Problem::bad_request("invalid_if_match", detail).parameter("If-Match", "malformed")
        };
        let mut values = request.headers().get_all(IF_MATCH);
        let parsed = match (values.next(), values.next()) {
            (None, _) => Ok(Self::Absent),
            (Some(value), None) => value.to_str().ok().and_then(Self::parse).ok_or_else(malformed),
            (Some(_), Some(_)) => Err(malformed()),
        };
        ready(parsed)
    }
}

/// Checks that the client changes the version that it has read, which it must name (`PATCH`).
///
/// # Errors
/// 428 when neither the header nor the body names a version, 412 when either names another one than `current`.
pub fn check_version(
    if_match: &IfMatch,
    body_version: Option<Version>,
    current: Version,
) -> Result<(), Problem> {
    if *if_match == IfMatch::Absent && body_version.is_none() {
        return Err(Problem::precondition_required());
    }
    check_version_if_named(if_match, body_version, current)
}

/// Checks that the client changes the version that it has read, if it names one.
///
/// # Errors
/// 412 when the header or the body names another version than `current`.
pub fn check_version_if_named(
    if_match: &IfMatch,
    body_version: Option<Version>,
    current: Version,
) -> Result<(), Problem> {
    if if_match.allows(current) && body_version.is_none_or(|version| version == current) {
        return Ok(());
    }
    let detail = format!(
        "the resource is at version {current}; read it again and repeat the change if it still holds"
    );
    Err(Problem::precondition_failed(detail).header("etag", format!("\"{current}\"")))
}
