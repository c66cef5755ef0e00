//! Tenants' own connectors, and the rules of routing.

mod change;
mod configuration;
mod decline_tables;
mod evaluate;
mod probe;
mod register;
mod rules;
mod show;

pub(crate) use change::{PatchWanted, RotateWanted};
pub(crate) use evaluate::{Evaluated, WouldPay};
pub(crate) use probe::Probed;
pub(crate) use register::RegisterWanted;
pub(crate) use rules::{NewRuleWanted, RulePatchWanted, ShownRule};
pub(crate) use show::{Account, Shown};
