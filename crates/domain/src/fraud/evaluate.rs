//! From rules and facts to a verdict.

use crate::kernel::Timestamp;

use super::velocity::at_most;
use super::{
    Condition, Effect, FraudAction, FraudContext, FraudOverride, FraudPolicy, FraudVerdict, OverrideAction,
    Reason, Rule, ScorerOutcome, Thresholds, Window, WindowCounts,
};

/// What the tenant's rules say of a payment. An override has the last word; what the rules say is kept beside it.
#[must_use]
pub fn evaluate(
    policy: &FraudPolicy,
    context: &FraudContext,
    counts: &WindowCounts,
    (forced, scorer): (Option<&FraudOverride>, &ScorerOutcome),
    now: Timestamp,
) -> FraudVerdict {
    let rules = policy.rules.iter().flat_map(|set| &set.rules);
    let mut reasons: Vec<Reason> = rules.filter_map(|rule| fired(rule, context, counts, now)).collect();
    reasons.extend(outside(scorer));
    let points: u32 = reasons.iter().map(|reason| u32::from(reason.points)).sum();
    let score = u8::try_from(points.min(100)).unwrap_or(100);
    let thresholds = policy.rules.as_ref().map_or_else(Thresholds::default, |set| set.thresholds);
    let asked = reasons.iter().filter_map(|reason| reason.action).max().unwrap_or(FraudAction::Allow);
    let mut action = thresholds.action(score).max(asked);
    if let Some(forced) = forced {
        let says = match forced.action {
            OverrideAction::Allow => FraudAction::Allow,
            OverrideAction::Deny => FraudAction::Deny,
            OverrideAction::Lift => action,
        };
        reasons.push(Reason {
            code: "override".to_owned(),
            rule: None,
            forced: Some(forced.id),
            detail: format!("{} of this {}: {}", forced.action.as_str(), forced.target.kind(), forced.reason),
            points: 0,
            action: Some(says),
        });
        action = says;
    }
    FraudVerdict { score, action, reasons }
}

/// An outside scorer's word counts as points; its absence or failure as none.
fn outside(scorer: &ScorerOutcome) -> Option<Reason> {
    let reason = |code: &str, detail: String, points| Reason {
        code: code.to_owned(),
        rule: None,
        forced: None,
        detail,
        points,
        action: None,
    };
    match scorer {
        ScorerOutcome::Absent => None,
        ScorerOutcome::Scored(score) => {
            Some(reason("scorer", score.explanation.clone(), score.points.min(100)))
        }
        ScorerOutcome::Unavailable(why) => Some(reason("scorer_unavailable", why.clone(), 0)),
    }
}

fn fired(rule: &Rule, context: &FraudContext, counts: &WindowCounts, now: Timestamp) -> Option<Reason> {
    let (code, met) = met(&rule.condition, context, counts, now)?;
    let (points, action) = match rule.effect {
        Effect::Points(points) => (points, None),
        Effect::Challenge => (0, Some(FraudAction::Challenge)),
        Effect::Deny => (0, Some(FraudAction::Deny)),
    };
    let detail = format!("{}: {met}", rule.name);
    Some(Reason { code: code.to_owned(), rule: Some(rule.id), forced: None, detail, points, action })
}

/// The condition's name and what was met; none when it does not hold.
fn met(
    condition: &Condition,
    context: &FraudContext,
    counts: &WindowCounts,
    now: Timestamp,
) -> Option<(&'static str, String)> {
    let found = |holds: bool, code: &'static str, text: String| holds.then_some((code, text));
    match condition {
        Condition::VelocityCount { by, window_seconds, .. }
        | Condition::VelocityAmount { by, window_seconds, .. } => {
            let window = Window::of(condition, context)?;
            let reached = window.total(counts, now).saturating_add(window.growth(context));
            let limit = at_most(condition)?;
            let code = match condition {
                Condition::VelocityCount { .. } => "velocity_count",
                _ => "velocity_amount",
            };
            let text = format!("{reached} of the {} within {window_seconds} s, at most {limit}", by.as_str());
            found(reached > limit, code, text)
        }
        Condition::AmountAbove { limit, currency } => {
            let above = context.amount.currency() == *currency && context.amount.minor() > *limit;
            found(above, "amount_above", format!("{} is above the limit", context.amount))
        }
        Condition::OrderAmountMismatch {} => {
            let order = context.order_amount?;
            found(order != context.amount, "order_amount_mismatch", format!("the order's amount is {order}"))
        }
        Condition::CountryMismatch { first, second } => {
            let (one, other) = (context.country(*first)?, context.country(*second)?);
            let text = format!("{} is {one}, {} is {other}", first.as_str(), second.as_str());
            found(!one.eq_ignore_ascii_case(other), "country_mismatch", text)
        }
        Condition::BlockedBin { bins } => {
            let bin = context.card.bin.as_ref()?;
            found(bins.contains(bin), "blocked_bin", format!("the card's number begins with {bin}"))
        }
        Condition::BlockedCard { fingerprints } => {
            let card = context.card.fingerprint.as_ref()?;
            found(fingerprints.contains(card), "blocked_card", "the card is on the list".to_owned())
        }
        Condition::BlockedDevice { fingerprints } => {
            let device = context.signals.device_fingerprint.as_ref()?;
            found(fingerprints.contains(device), "blocked_device", "the device is on the list".to_owned())
        }
    }
}
