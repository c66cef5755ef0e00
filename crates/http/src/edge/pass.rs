//! The middleware: in, through the route, and out.

use super::calls::Calls;
use super::origins::AllowedOrigins;
use super::room::Room;
use super::{arrive, leave};
use crate::Problem;
use crate::work::Unfinished;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use futures_util::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// When to repeat a request whose time was up.
const RETRY_SECONDS: u32 = 5;

/// What holds for every request.
#[derive(Debug, Clone)]
pub(crate) struct EdgeRules {
    /// How long a request may take.
    pub(crate) time_limit: Duration,
    /// Where work that outlives its request goes on.
    pub(crate) unfinished: Unfinished,
    /// How many may be in work.
    pub(crate) room: Room,
    /// From which pages of other origins browsers may call.
    pub(crate) origins: Arc<AllowedOrigins>,
    /// Where is put down what people do.
    pub(crate) calls: Calls,
}

/// Gives the request its id, its place in the trace and its clock, makes the path's tenant form plain, ends it when
/// its time is up, turns a panic and foreign errors into problem details, puts down what a person reads before it is
/// shown, counts the request, and sets the headers of every answer.
pub(crate) async fn pass<B: MessageBody + 'static>(
    rules: EdgeRules,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let (method, origins) = (request.method().clone(), Arc::clone(&rules.origins));
    let (context, span) = arrive::context(&mut request, rules.unfinished);
    let context = Arc::new(context);
    request.extensions_mut().insert(context.timing.clone());
    if method == Method::HEAD {
        // Served as GET: the codec knows that the client asked for no body.
        request.head_mut().method = Method::GET;
    }
    let served = async {
        // Kept until the answer is made.
        let _place = rules.room.enter(request.path())?;
        let answer = serve(rules.time_limit, &method, request, next).await?;
        Ok(rules.calls.put_down_first(answer).await)
    };
    let outcome = Arc::clone(&context).scope(served).instrument(span.clone()).await;
    match outcome {
        Ok(mut response) => {
            let (request, response_mut) = (response.request().clone(), response.response_mut());
            leave::headers(response_mut.headers_mut(), &context, begun.elapsed());
            origins.answer(&request, context.path_tenant.as_ref(), response_mut.headers_mut());
            leave::record(
                &span,
                crate::route_of(&request),
                &method,
                response_mut.status().as_u16(),
                begun.elapsed(),
            );
            Ok(response)
        }
        Err(problem) => {
            let mut response = Arc::clone(&context).scope(async { leave::rendered(&problem) }).await;
            leave::headers(response.headers_mut(), &context, begun.elapsed());
            leave::record(&span, "unmatched", &method, problem.status(), begun.elapsed());
            Err(InternalError::from_response(problem, response).into())
        }
    }
}

/// The answer; an error only where none can be made of the request any more (its time was up, it panicked).
async fn serve<B: MessageBody + 'static>(
    time_limit: Duration,
    method: &Method,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Problem> {
    let path = request.path().to_owned();
    let answer = AssertUnwindSafe(next.call(request)).catch_unwind();
    match tokio::time::timeout(time_limit, answer).await {
        Ok(Ok(Ok(response))) => Ok(leave::as_problem(response.map_into_boxed_body())),
        Ok(Ok(Err(error))) => Err(leave::foreign(&error)),
        Ok(Err(panic)) => {
            tracing::error!(panic = panic_text(&*panic), %method, path, "a handler panicked");
            Err(Problem::internal())
        }
        Err(_) => {
            tracing::error!(%method, path, limit_seconds = time_limit.as_secs(), "a request's time was up");
            let detail = "the request's time was up before it had an answer; whether it was done is not known: send it \
                          again with the same Idempotency-Key, or read the resource";
            Err(Problem::new(503, "request_timeout", detail).retry_after(RETRY_SECONDS).retryable(true))
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("of no text")
}
