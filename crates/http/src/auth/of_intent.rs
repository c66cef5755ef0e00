//! Routes of one intent, which that intent's client secret opens too.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use tender_domain::kernel::{Caller, Credential, IntentId};

use super::extract::{AskedScope, authentication};
use super::scopes_by_type::RouteScope;
use crate::Problem;
use crate::edge::put_down_impersonation;

/// The caller of a route of one intent (`{intent_id}` in its path): who may do what the scope `S` names, or who holds
/// the client secret of that very intent. 401 without a credential that counts, 403 without the scope, 404 for another
/// intent than the secret's.
#[derive(Debug, Clone)]
pub struct IntentCaller<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

impl<S> Deref for IntentCaller<S> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<S: RouteScope> FromRequest for IntentCaller<S> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authentication(request);
        request.extensions_mut().insert(AskedScope(S::SCOPE));
        let named: Option<IntentId> = request.match_info().get("intent_id").and_then(|id| id.parse().ok());
        let request = request.clone();
        Box::pin(async move {
            let caller = caller.await?;
            match caller.credential {
                Credential::ClientSecret(own) if named != Some(own) => {
                    return Err(Problem::not_found("payment intent"));
                }
                Credential::ClientSecret(_) => {}
                _ if caller.may(S::SCOPE) => put_down_impersonation(&request, &caller, S::SCOPE).await?,
                _ => return Err(Problem::forbidden(S::SCOPE)),
            }
            Ok(Self { caller, scope: PhantomData })
        })
    }
}
