//! What people do here, put down before it is shown or done (ADR 29): reads of personal and payment data by whoever may be
//! a person, and whatever is asked in somebody else's name.

use std::fmt;
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use async_trait::async_trait;
use tender_domain::kernel::{Caller, CommitError, Scope, find_card_number};

use super::leave;
use crate::Problem;
use crate::auth::{asked_scope, known_caller};
use crate::context::RequestContext;

/// How long an id may be that is put down.
const ID_CHARS: usize = 128;
/// How long the name of a parameter may be that is put down.
const NAME_CHARS: usize = 40;
/// When to ask again for what was not shown or done.
const RETRY_SECONDS: u32 = 5;

/// That somebody who may be a person is about to be shown something of people or payments, or asks for something in
/// somebody else's name. Of what was asked it holds names and ids alone: what a client writes elsewhere may be a person's
/// name, address or telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonsCall {
    /// Who, and who is behind it.
    pub caller: Caller,
    /// The route with its method (`GET /v1/payments/intents/{intent_id}`).
    pub route: &'static str,
    /// The scope that opened it.
    pub scope: Scope,
    /// The ids in the path, by the names of its parameters, in order.
    pub path_ids: Vec<(String, String)>,
    /// The ids among the query's parameters (`customer_id`), by their names.
    pub query_ids: Vec<(String, String)>,
    /// The names of the query's other parameters, each once, in order; without what can be no parameter's name.
    pub filters: Vec<String>,
    /// `X-Request-Id` of the answer.
    pub request_id: String,
}

/// Where is put down what people do.
#[async_trait]
pub trait CallLog: Send + Sync {
    /// Puts a call down. It is durable when this returns.
    ///
    /// # Errors
    /// When it is not, or not known to be: what was asked for must be neither shown nor done then.
    async fn put_down(&self, call: PersonsCall) -> Result<(), CommitError>;
}

/// The log of an application, if it has one.
#[derive(Clone, Default)]
pub(crate) struct Calls(Option<Arc<dyn CallLog>>);

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Calls").field(&self.0.is_some()).finish()
    }
}

impl Calls {
    pub(crate) fn in_log(log: Arc<dyn CallLog>) -> Self {
        Self(Some(log))
    }

    /// The answer, when nothing of it is to be put down or that is done; else that it cannot be shown now.
    pub(super) async fn put_down_first(&self, answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let shown = answer.status().is_success();
        let Some(read) = shown.then(|| read_by_a_person(answer.request())).flatten() else { return answer };
        match self.put_down(read).await {
            Ok(()) => answer,
            Err(problem) => {
                let (request, _) = answer.into_parts();
                let refusal: HttpResponse = leave::rendered(&problem);
                ServiceResponse::new(request, refusal)
            }
        }
    }

    async fn put_down(&self, call: PersonsCall) -> Result<(), Problem> {
        let Some(log) = &self.0 else { return Ok(()) };
        let route = call.route;
        let Err(error) = log.put_down(call).await else {
            metrics::counter!("tender_audited_calls_total", "outcome" => "kept").increment(1);
            return Ok(());
        };
        metrics::counter!("tender_audited_calls_total", "outcome" => "refused").increment(1);
        tracing::error!(route, %error, "who asks for this cannot be put down, so it is not answered");
        let detail =
            "who asks for this cannot be put down just now, and it is neither shown nor done without";
        let problem = Problem::new(503, "service_unavailable", detail);
        Err(problem.retry_after(RETRY_SECONDS).retryable(true))
    }
}

/// Puts down, before anything is done, that a caller asks for something in somebody else's name. A read of people or
/// payments is put down when it is answered, with both names as well.
///
/// # Errors
/// 503 when it cannot be put down.
pub(crate) async fn put_down_impersonation(
    request: &HttpRequest,
    caller: &Caller,
    scope: Scope,
) -> Result<(), Problem> {
    if caller.actor.is_none() || scope.reads_people_or_payments() {
        return Ok(());
    }
    match request.app_data::<Data<Calls>>() {
        Some(calls) => calls.put_down(call_of(request, caller.clone(), scope)).await,
        None => Ok(()),
    }
}

/// What is to be put down of a request that was answered; nothing when no person read anything of people or payments.
fn read_by_a_person(request: &HttpRequest) -> Option<PersonsCall> {
    let scope = asked_scope(request).filter(|scope| scope.reads_people_or_payments())?;
    let caller = known_caller(request).filter(Caller::may_be_a_person)?;
    Some(call_of(request, caller, scope))
}

fn call_of(request: &HttpRequest, caller: Caller, scope: Scope) -> PersonsCall {
    let path = request.match_info().iter().filter(|(_, value)| is_id(value));
    let path_ids = path.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (query_ids, filters) = asked_for(request.query_string());
    let request_id = RequestContext::with(|context| context.request_id.clone()).unwrap_or_default();
    let route = crate::route_of(request);
    PersonsCall { caller, route, scope, path_ids, query_ids, filters, request_id }
}

/// The ids among a query's parameters, and the names of the others.
fn asked_for(query: &str) -> (Vec<(String, String)>, Vec<String>) {
    let parameters = Query::<Vec<(String, String)>>::from_query(query).map(Query::into_inner);
    let (mut ids, mut others) = (Vec::new(), Vec::new());
    for (whole, value) in parameters.unwrap_or_default() {
        // `metadata[…]`: what stands in the brackets is the client's own word. So is a name that nothing asks for, of a route
        // that does not look at its query.
        let Some(name) = whole.split('[').next().filter(|name| is_name(name)) else { continue };
        let names_one = whole.ends_with("_id") || matches!(&*whole, "starting_after" | "ending_before");
        if names_one && is_id(&value) {
            ids.push((whole, value));
        } else if !others.iter().any(|other| other == name) {
            others.push(name.to_owned());
        }
    }
    (ids, others)
}

/// Whether a text can be a parameter's name: a word, and no number or address that somebody put in its place.
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    !text.is_empty() && text.len() <= NAME_CHARS && text.bytes().all(plain)
}

/// Whether a text can be an id. One that is a client's own may be an e-mail address, which no log keeps.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    !text.is_empty() && text.len() <= ID_CHARS && text.bytes().all(plain) && find_card_number(text).is_ok()
}
