//! Scripts: what the next calls that fit are to do wrong. Kept in memory, and gone with the process: they are part of a
//! test, not of the books.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tender_domain::kernel::TenantId;
use tender_domain::ports::CallKind;

use crate::Misbehaviour;

/// The most scripts at once; the oldest is forgotten first.
const SCRIPTS_MAX: usize = 1_000;

/// A kind of call that can be told to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScriptedCall {
    /// An authorization, with or without capture; also the beginning of a session.
    Authorize,
    /// The capture of an authorization.
    Capture,
    /// The void of an authorization.
    Void,
    /// A refund of a charge.
    Refund,
    /// The completion of a challenge, and the return from a session.
    Challenge,
    /// A look-up of what became of another call.
    Lookup,
}

impl ScriptedCall {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Authorize, Self::Capture, Self::Void, Self::Refund, Self::Challenge, Self::Lookup];

    /// The text form, as scripts name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => CallKind::Authorize.as_str(),
            Self::Capture => CallKind::Capture.as_str(),
            Self::Void => CallKind::Void.as_str(),
            Self::Refund => CallKind::Refund.as_str(),
            Self::Challenge => "challenge",
            Self::Lookup => "lookup",
        }
    }

    /// The kind with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|call| call.as_str() == text).copied()
    }
}

impl From<CallKind> for ScriptedCall {
    fn from(kind: CallKind) -> Self {
        match kind {
            CallKind::Authorize => Self::Authorize,
            CallKind::Capture => Self::Capture,
            CallKind::Void => Self::Void,
            CallKind::Refund => Self::Refund,
        }
    }
}

/// Which calls do what wrong. What is none fits every call that does something; a look-up, by which it is found out what
/// became of the others, is to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Which kind of call.
    pub call: Option<ScriptedCall>,
    /// With which reference.
    pub reference: Option<String>,
    /// With which token; an authorization's.
    pub token: Option<String>,
    /// For which amount, in minor units; of a challenge and a look-up the amount of what it is about.
    pub amount_minor: Option<i64>,
    /// How many calls it is good for; none is for all there will be.
    pub times: Option<u32>,
    /// What they do wrong, all of it together.
    pub does: Vec<Misbehaviour>,
}

/// A call, as scripts see it.
pub(crate) struct Scripted<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) call: ScriptedCall,
    pub(crate) reference: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) amount_minor: Option<i64>,
}

impl Script {
    fn fits(&self, call: &Scripted<'_>) -> bool {
        self.tenant == *call.tenant
            && self.call.map_or(call.call != ScriptedCall::Lookup, |named| named == call.call)
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
            call: Some(ScriptedCall::Authorize),
            reference: reference.map(str::to_owned),
            token: None,
            amount_minor: None,
            times,
            does: vec![does],
        }
    }

    fn call<'a>(tenant: &'a TenantId, kind: CallKind, reference: &'a str) -> Scripted<'a> {
        Scripted { tenant, call: kind.into(), reference, token: Some("tok_visa"), amount_minor: Some(5) }
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
    fn a_look_up_goes_wrong_only_when_a_script_names_it() {
        let (scripts, tenant) = (Scripts::default(), TenantId::sandbox());
        let look_up =
            Scripted { call: ScriptedCall::Lookup, token: None, ..call(&tenant, CallKind::Authorize, "a") };
        scripts.add(Script { call: None, ..script(Some("a"), None, Misbehaviour::Slow) });
        assert_eq!(scripts.take(&look_up), []);
        scripts.add(Script {
            call: Some(ScriptedCall::Lookup),
            ..script(Some("a"), None, Misbehaviour::Malformed)
        });
        assert_eq!(scripts.take(&look_up), [Misbehaviour::Malformed]);
        assert_eq!(scripts.take(&call(&tenant, CallKind::Authorize, "a")), [Misbehaviour::Slow]);
        for one in ScriptedCall::ALL {
            assert_eq!(ScriptedCall::find(one.as_str()), Some(*one));
        }
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
