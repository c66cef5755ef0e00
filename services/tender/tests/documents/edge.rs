//! `deploy/edge/routes.conf`: which path is whose, for the edge in front of the five services.

use std::collections::BTreeMap;
use std::fmt::Write;

use tender_domain::kernel::JobOwner;
use tender_http::DeclaredRoute;

use crate::repository::hold_file;
use crate::routes::{SERVICES, document};

const PAGE: &str = "deploy/edge/routes.conf";

/// The service that has most paths, and those that nobody has: it says that there is nothing.
const DEFAULT: &str = "intents";

/// How many characters a job's id has after its prefix.
const JOB_ID_CHARS: usize = 26;

const HEAD: &str = "\
# Which service serves a path. Made from the routes that the services declare; after a change:
# UPDATE_DOCS=1 cargo test -p tender --test documents
#
# A path of the core API may name its tenant: /v1/{tenantId}/payments/…
map $uri $tender_service {
";

/// The one path under which several services answer, each for its own jobs: their ids name it.
const JOBS: &str = "/v1/payments/jobs/{job_id}";

/// How the jobs of a service that marks them are told from those of the default.
fn jobs_of(service: &str) -> Option<String> {
    let owner = match service {
        "vault" => JobOwner::Vault,
        "refunds" => JobOwner::Refunds,
        _ => return None,
    };
    let characters = JOB_ID_CHARS - owner.mark()?.len();
    Some(format!("/v1(?:/[^/]+)?/payments/jobs/job_[0-9a-z]{{{characters}}}{}", owner.mark()?))
}

/// Every public path and whose it is.
fn paths() -> BTreeMap<String, &'static str> {
    let mut paths = BTreeMap::new();
    for (service, declare) in SERVICES {
        for route in DeclaredRoute::all(&document(declare)) {
            if route.path.starts_with("/internal/") || (route.path == JOBS && service != DEFAULT) {
                continue;
            }
            let other = paths.insert(route.path.clone(), service).filter(|other| *other != service);
            assert_eq!(other, None, "{} is declared by two services: {service} is one", route.path);
        }
    }
    paths
}

/// The path as nginx matches it.
fn pattern(path: &str) -> String {
    let (prefix, rest) = match path.strip_prefix("/v1/payments") {
        Some(rest) => ("/v1(?:/[^/]+)?/payments", rest),
        None => ("", path),
    };
    let segments = rest.split('/').map(|segment| {
        assert!(!segment.contains(':'), "{path}: write here how a pattern of an own is matched");
        if segment.starts_with('{') { "[^/]+".to_owned() } else { segment.replace('.', "\\.") }
    });
    format!("{prefix}{}", segments.collect::<Vec<_>>().join("/"))
}

#[test]
fn the_edge_leads_each_path_to_the_service_that_declares_it() {
    let paths = paths();
    let mut text = format!("{HEAD}    default {DEFAULT};\n");
    for (service, declare) in SERVICES.iter().filter(|(service, _)| *service != DEFAULT) {
        if DeclaredRoute::all(&document(*declare)).iter().any(|route| route.path == JOBS) {
            let pattern = jobs_of(service).unwrap_or_else(|| panic!("{service} does not mark its jobs"));
            let _ = writeln!(text, "    \"~^{pattern}$\" {service};");
        }
    }
    // A path of fixed words comes before one that its words would fit too.
    let mut others: Vec<_> = paths.iter().collect();
    others.sort_by_key(|(path, _)| (path.matches('{').count(), path.as_str()));
    for (path, service) in others {
        // Those of the default are there only where another service's pattern would take them.
        let taken = || paths.iter().any(|(other, owner)| *owner != DEFAULT && fits(path, other));
        if *service != DEFAULT || taken() {
            let _ = writeln!(text, "    \"~^{}$\" {service};", pattern(path));
        }
    }
    text.push_str("}\n");
    hold_file(PAGE, &text);
}

/// Whether a path could be meant by the template of another.
fn fits(path: &str, template: &str) -> bool {
    let (path, template): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    path.len() == template.len()
        && path.iter().zip(&template).all(|(one, other)| one == other || other.starts_with('{'))
}
