//! Ids in paths.

use tender_domain::kernel::{Id, IdKind};

use crate::Problem;

/// The id in a path. A malformed one is 404 like an unknown one: what is not there is not there.
///
/// # Errors
/// 404.
pub fn parse_id<K: IdKind>(text: &str) -> Result<Id<K>, Problem> {
    text.parse().map_err(|_| Problem::not_found(thing_of(K::PREFIX)))
}

/// What an id of this prefix names, in words for a 404.
fn thing_of(prefix: &str) -> &str {
    match prefix {
        "pi" => "payment intent",
        "auth" => "authorization",
        "ch" => "charge",
        "cap" => "capture",
        "pm" => "payment method",
        "rf" => "refund",
        "key" => "API key",
        "job" => "job",
        _ => "resource",
    }
}
