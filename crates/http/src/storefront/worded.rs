//! Extractors whose refusals are in a storefront's words.

use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use crate::Problem;

/// What `T` extracts, refused in the words of `R`: `In<Refused, Authorized<scopes::IntentsWrite>>`.
#[derive(Debug, Clone)]
pub struct In<R, T> {
    extracted: T,
    words: PhantomData<fn() -> R>,
}

impl<R, T> In<R, T> {
    /// What was extracted.
    pub fn into_inner(self) -> T {
        self.extracted
    }
}

impl<R, T> Deref for In<R, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.extracted
    }
}

impl<R, T> FromRequest for In<R, T>
where
    T: FromRequest<Error = Problem> + 'static,
    R: From<Problem> + Into<actix_web::Error> + 'static,
{
    type Error = R;
    type Future = LocalBoxFuture<'static, Result<Self, R>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let extracting = T::from_request(request, payload);
        Box::pin(async move {
            let extracted = extracting.await?;
            Ok(Self { extracted, words: PhantomData })
        })
    }
}
