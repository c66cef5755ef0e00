//! Worldpay's rules of verifications.

use serde_json::{Value, json};

use super::{ENTITY, Ruled, error};
use crate::standin::{only, text};

/// An issuer is asked about a card, for nothing.
pub(super) fn verify(body: &Value) -> Ruled {
    only(body, &["type", "transactionReference", "merchant", "instruction"])?;
    let instruction = &body["instruction"];
    only(instruction, &["value", "narrative", "paymentInstrument", "customerAgreement"])?;
    let is_one = body["type"] == "cardVerification" && body["merchant"] == json!({"entity": ENTITY});
    let fits = text(body, "transactionReference")?.len() <= 64
        && text(&instruction["narrative"], "line1")?.len() <= 24;
    if !is_one || !fits || instruction["value"] != json!({"currency": "EUR"}) {
        return Err("it is no verification for nothing".into());
    }
    let instrument = &instruction["paymentInstrument"];
    only(instrument, &["type", "href"])?;
    let href = text(instrument, "href")?;
    let token = href.rsplit('/').next().unwrap_or_default();
    if instrument["type"] != "card/token" || !href.contains("/tokens/") {
        return Err(format!("the instrument {instrument}"));
    }
    let told = |outcome: &str| {
        let checked = json!([{"type": "cvc", "risk": "notSupplied"}, {"type": "avs", "risk": "matched"}]);
        json!({"outcome": outcome, "checkedAt": "2026-01-03T12:02:49.572137Z", "riskFactors": checked})
    };
    if let Some(code) = token.strip_prefix("tokenrefused") {
        let mut refused = told("not verified");
        refused["refusalCode"] = code.into();
        refused["refusalDescription"] = "no to 4444333322221111".into();
        return Ok((201, refused));
    }
    if let Some(outcome) = token.strip_prefix("tokenoutcome") {
        return Ok((201, told(outcome)));
    }
    let is_known = token.starts_with("tokenvisa");
    Ok(if is_known { (201, told("verified")) } else { (404, error("tokenNotFound", "no such token")) })
}
