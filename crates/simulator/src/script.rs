//! Scripts: what the next calls that fit are to do wrong. Kept in memory, and gone with the process: they are part of a
//! test, not of the books.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tender_domain::kernel::TenantId;
use tender_domain::ports::CallKind;

use crate::Misbehaviour;

/// The most scripts at once; the oldest is forgotten first.
const SCRIPTS_MAX: usize = 1_000;

/// Which calls do what wrong. What is none fits every call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Which kind of call.
    pub kind: Option<CallKind>,
    /// With which reference.
    pub reference: Option<String>,
    /// With which token; an authorization's.
    pub token: Option<String>,
    /// For which amount, in minor units.
    pub amount_minor: Option<i64>,
    /// How many calls it is good for; none is for all there will be.
    pub times: Option<u32>,
    /// What they do wrong, all of it together.
    pub does: Vec<Misbehaviour>,
}

/// A call, as scripts see it.
pub(crate) struct Scripted<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) kind: CallKind,
    pub(crate) reference: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) amount_minor: Option<i64>,
}

impl Script {
    fn fits(&self, call: &Scripted<'_>) -> bool {
        self.tenant == *call.tenant
            && self.kind.is_none_or(|kind| kind == call.kind)
            && self.reference.as_deref().is_none_or(|reference| reference == call.reference)
            && self.token.as_deref().is_none_or(|token| Some(token) == call.token)
            && self.amount_minor.is_none_or(|minor| Some(minor) == call.amount_minor)
    }
}

/// The scripts of a simulator, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Scripts(Mutex<VecDeque<Script>>);

impl Scripts {
    pub(crate) fn add(&self, script: Script) {
        let mut scripts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scripts.push_back(script);
        if scripts.len() > SCRIPTS_MAX {
            scripts.pop_front();
        }
    }

    pub(crate) fn forget(&self, tenant: &TenantId) {
        let mut scripts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scripts.retain(|script| script.tenant != *tenant);
    }

    /// What this call does wrong: by the first script that fits, which is then good for one call less.
    pub(crate) fn take(&self, call: &Scripted<'_>) -> Vec<Misbehaviour> {
        let mut scripts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = scripts.iter().position(|script| script.fits(call)) else { return Vec::new() };
        let script = &mut scripts[place];
        let does = script.does.clone();
        match &mut script.times {
            Some(left @ 2..) => *left -= 1,
            Some(_) => drop(scripts.remove(place)),
            None => {}
        }
        does
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(reference: Option<&str>, times: Option<u32>, does: Misbehaviour) -> Script {
        Script {
            tenant: TenantId::sandbox(),
            kind: Some(CallKind::Authorize),
            reference: reference.map(str::to_owned),
            token: None,
            amount_minor: None,
            times,
            does: vec![does],
        }
    }

    fn call<'a>(tenant: &'a TenantId, kind: CallKind, reference: &'a str) -> Scripted<'a> {
        Scripted { tenant, kind, reference, token: Some("tok_visa"), amount_minor: Some(5) }
    }

    #[test]
    fn a_script_is_good_for_its_number_of_calls_that_fit() {
        let (scripts, tenant) = (Scripts::default(), TenantId::sandbox());
        scripts.add(script(Some("a"), Some(2), Misbehaviour::Slow));
        assert_eq!(scripts.take(&call(&tenant, CallKind::Authorize, "b")), []);
        assert_eq!(scripts.take(&call(&tenant, CallKind::Capture, "a")), []);
        let other = "other".parse().expect("a tenant");
        assert_eq!(scripts.take(&call(&other, CallKind::Authorize, "a")), []);
        for _ in 0..2 {
            assert_eq!(scripts.take(&call(&tenant, CallKind::Authorize, "a")), [Misbehaviour::Slow]);
        }
        assert_eq!(scripts.take(&call(&tenant, CallKind::Authorize, "a")), []);
    }

    #[test]
    fn one_without_a_number_stays_until_it_is_forgotten() {
        let (scripts, tenant) = (Scripts::default(), TenantId::sandbox());
        scripts.add(script(None, None, Misbehaviour::Malformed));
        for _ in 0..3 {
            assert_eq!(scripts.take(&call(&tenant, CallKind::Authorize, "a")), [Misbehaviour::Malformed]);
        }
        scripts.forget(&tenant);
        assert_eq!(scripts.take(&call(&tenant, CallKind::Authorize, "a")), []);
    }
}
