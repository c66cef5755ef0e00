//! What a person says of a call that no gateway tells of: the same fields and refusals, whatever is resolved.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::kernel::{Limits, find_card_number};
use utoipa::ToSchema;

use crate::Problem;

/// What a person found out, as the requests that resolve something have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundOut {
    /// What the gateway calls what was done.
    pub gateway_reference: Option<String>,
    /// How much it was, in minor units; none is what was asked for.
    pub amount: Option<i64>,
    /// Why: who was asked, what they said.
    pub reason: String,
}

impl FoundOut {
    /// The same, when it can be kept.
    ///
    /// # Errors
    /// `text_too_long`, `invalid_text`, `card_number_detected` and `reason_required` of the reason, `invalid_amount`, and
    /// `invalid_reference` or `card_number_detected` of the gateway's name.
    pub fn checked(self) -> Result<Self, Problem> {
        if self.reason.chars().count() > Limits::TEXT_CHARS {
            let detail = format!("the text is longer than {} characters", Limits::TEXT_CHARS);
            return Err(Problem::bad_request("text_too_long", &detail).pointer("/reason", &detail));
        }
        if self.reason.contains('\0') {
            let detail = "text must not hold the character U+0000";
            return Err(Problem::bad_request("invalid_text", detail).pointer("/reason", "holds U+0000"));
        }
        no_card_number("/reason", &self.reason)?;
        if self.reason.trim().is_empty() {
            let detail = "say why: it is kept for those who ask later";
            return Err(Problem::bad_request("reason_required", detail).pointer("/reason", "required"));
        }
        if self.amount.is_some_and(|amount| amount <= 0) {
            let detail = "the amount must be greater than zero; leave it out when it is what was asked for";
            return Err(
                Problem::bad_request("invalid_amount", detail).pointer("/amount", "must be at least 1")
            );
        }
        if let Some(name) = &self.gateway_reference {
            if name.is_empty()
                || name.chars().count() > Limits::REFERENCE_CHARS
                || name.chars().any(char::is_control)
            {
                let detail =
                    format!("must have 1 to {} characters and no control character", Limits::REFERENCE_CHARS);
                return Err(
                    Problem::bad_request("invalid_reference", &detail).pointer("/gateway_reference", &detail)
                );
            }
            no_card_number("/gateway_reference", name)?;
        }
        Ok(self)
    }
}

fn no_card_number(pointer: &str, text: &str) -> Result<(), Problem> {
    find_card_number(text).map_err(|error| {
        Problem::unprocessable("card_number_detected", error.to_string())
            .pointer(pointer, "must not hold a card number")
    })
}

/// How a person settled what no gateway told.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Resolution)]
pub struct ResolutionBody {
    /// What it was found to have come to.
    #[schema(value_type = String, example = "succeeded")]
    pub outcome: &'static str,
    /// Where it stood before.
    #[schema(value_type = String, example = "processing")]
    pub was: &'static str,
    /// Who settled it: a token's `sub` or a key's id, with who really acted behind an impersonated one.
    #[schema(example = "ada")]
    pub by: String,
    /// Why, in the person's words.
    #[schema(example = "the gateway's support confirms it, ticket 4711")]
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> FoundOut {
        FoundOut { gateway_reference: Some("re_1".into()), amount: Some(1), reason: "ticket 4711".into() }
    }

    fn refused(found: FoundOut) -> String {
        let problem = found.checked().expect_err("it cannot be kept").to_answer();
        let body: serde_json::Value = serde_json::from_str(&problem.body).expect("a problem is JSON");
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_a_person_found_is_kept_only_when_it_says_why_and_names_what_can_be_named() {
        assert!(found().checked().is_ok_and(|kept| kept == found()));
        let card = "4242 4242 4242 4242".to_owned();
        let long = "x".repeat(Limits::TEXT_CHARS + 1);
        for (reason, code) in [
            ("  ".to_owned(), "reason_required"),
            ("a\0b".to_owned(), "invalid_text"),
            (long.clone(), "text_too_long"),
            (card.clone(), "card_number_detected"),
        ] {
            assert_eq!(refused(FoundOut { reason, ..found() }), code);
        }
        for (name, code) in [
            (String::new(), "invalid_reference"),
            ("a\nb".to_owned(), "invalid_reference"),
            (long, "invalid_reference"),
            (card, "card_number_detected"),
        ] {
            assert_eq!(refused(FoundOut { gateway_reference: Some(name), ..found() }), code);
        }
        assert_eq!(refused(FoundOut { amount: Some(0), ..found() }), "invalid_amount");
        assert!(FoundOut { gateway_reference: None, amount: None, ..found() }.checked().is_ok());
    }
}
