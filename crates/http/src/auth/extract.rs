//! The extractors by which a handler says who may call it.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use tender_domain::kernel::{Caller, Scope};

use super::scopes_by_type::RouteScope;
use super::state::{AuthState, Presented};
use crate::Problem;
use crate::context::RequestContext;
use crate::edge::put_down_impersonation;

/// The scope that the request's route asks for, in the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedScope(pub(super) Scope);

pub(super) type Authentication = Shared<LocalBoxFuture<'static, Result<Caller, Problem>>>;
type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// The caller, who may do what the scope `S` names: `Authorized<scopes::IntentsWrite>`. 401 without a credential that
/// counts, 403 without the scope or for another tenant than the request names.
#[derive(Debug, Clone)]
pub struct Authorized<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

impl<S> Authorized<S> {
    /// The caller.
    pub fn into_caller(self) -> Caller {
        self.caller
    }
}

impl<S> Deref for Authorized<S> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// The caller, whatever it may do. 401 without a credential that counts.
#[derive(Debug, Clone)]
pub struct AnyCaller(pub Caller);

impl Deref for AnyCaller {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

/// The caller, if the request presents a credential at all; one that does not count is still a 401. For routes that
/// need none in the sandbox.
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Option<Caller>);

impl<S: RouteScope> FromRequest for Authorized<S> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authentication(request);
        request.extensions_mut().insert(AskedScope(S::SCOPE));
        let request = request.clone();
        Box::pin(async move {
            let caller = caller.await?;
            if !caller.may(S::SCOPE) {
                return Err(Problem::forbidden(S::SCOPE));
            }
            put_down_impersonation(&request, &caller, S::SCOPE).await?;
            Ok(Self { caller, scope: PhantomData })
        })
    }
}

impl FromRequest for AnyCaller {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authentication(request);
        Box::pin(async move { caller.await.map(Self) })
    }
}

impl FromRequest for MaybeCaller {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let presents = request.headers().contains_key(AUTHORIZATION);
        let caller = presents.then(|| authentication(request));
        Box::pin(async move {
            match caller {
                Some(caller) => caller.await.map(|caller| Self(Some(caller))),
                None => Ok(Self(None)),
            }
        })
    }
}

/// The request's authentication: done once, however many extractors ask.
pub(super) fn authentication(request: &HttpRequest) -> Authentication {
    if let Some(begun) = request.extensions().get::<Authentication>() {
        return begun.clone();
    }
    // The future must not hold the request, in whose extensions it lies.
    let presented = presented(request.headers());
    let state = request.app_data::<web::Data<AuthState>>().cloned();
    let begun = async move {
        let Some(state) = state else {
            tracing::error!("the application has no AuthState in its data");
            return Err(Problem::internal());
        };
        state.authenticate(&presented).await
    };
    let begun = begun.boxed_local().shared();
    request.extensions_mut().insert(begun.clone());
    begun
}

/// Waits for the authentication that an earlier extractor has begun, if one has, so that its refusal comes first.
pub(crate) async fn settled(request: &HttpRequest) {
    let begun = request.extensions().get::<Authentication>().cloned();
    // Extractors are polled in the handler's order: what is known already, the earlier one has seen.
    let Some(begun) = begun.filter(|begun| begun.peek().is_none()) else { return };
    // The one who asked for it answers for its outcome; it must be polled again before this one goes on.
    let _ = begun.await;
    tokio::task::yield_now().await;
}

/// Who calls, if somebody has asked for it and it is known by now.
pub(crate) fn known_caller(request: &HttpRequest) -> Option<Caller> {
    let begun = request.extensions().get::<Authentication>().cloned()?;
    begun.peek()?.as_ref().ok().cloned()
}

/// The scope that the route of the request asks for, if it asks for one.
pub(crate) fn asked_scope(request: &HttpRequest) -> Option<Scope> {
    request.extensions().get::<AskedScope>().map(|asked| asked.0)
}

/// The customer who calls, if an earlier extractor has found one who sees its own rows only.
pub(crate) fn only_customer(request: &HttpRequest) -> Option<String> {
    let begun = request.extensions().get::<Authentication>().cloned()?;
    begun.peek()?.as_ref().ok()?.only_customer().map(str::to_owned)
}

fn presented(headers: &HeaderMap) -> Presented {
    let mut presented = Presented::default();
    let mut authorizations = headers.get_all(AUTHORIZATION);
    if let Some(value) = authorizations.next() {
        presented.bearer = value.to_str().ok().and_then(bearer);
        presented.malformed = presented.bearer.is_none() || authorizations.next().is_some();
    }
    for value in headers.get_all("x-tenant-id") {
        match value.to_str().ok().and_then(|name| name.trim().parse().ok()) {
            Some(tenant) => presented.tenants.push(tenant),
            None => presented.bad_tenant = true,
        }
    }
    let from_path = RequestContext::with(|context| context.path_tenant.clone()).flatten();
    presented.tenants.extend(from_path);
    presented
}

fn bearer(header: &str) -> Option<String> {
    let (scheme, credential) = header.trim().split_once(' ')?;
    let credential = credential.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty()).then(|| credential.to_owned())
}
