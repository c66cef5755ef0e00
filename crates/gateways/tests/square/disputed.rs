//! Square's rules for disputes, and what the double keeps of them. Pieces of evidence have keys; what ends a dispute has none.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::parts::parts;
use crate::standin::{Answer, Asked, only, text};

fn missing() -> Answer {
    (404, error("NOT_FOUND", "not there"))
}

fn refused(detail: &str) -> Answer {
    (400, error("BAD_REQUEST", detail))
}

fn error(code: &str, detail: &str) -> Value {
    json!({"errors": [{"category": "INVALID_REQUEST_ERROR", "code": code, "detail": detail}]})
}

const TEXTS: [&str; 9] = [
    "GENERIC_EVIDENCE",
    "ONLINE_OR_APP_ACCESS_LOG",
    "CANCELLATION_OR_REFUND_DOCUMENTATION",
    "CARDHOLDER_INFORMATION",
    "PRODUCT_OR_SERVICE_DESCRIPTION",
    "SERVICE_RECEIVED_DOCUMENTATION",
    "PROOF_OF_DELIVERY_DOCUMENTATION",
    "REBUTTAL_EXPLANATION",
    "TRACKING_NUMBER",
];

/// A dispute as Square keeps it.
#[derive(Clone)]
pub(crate) struct Dispute {
    pub(crate) state: &'static str,
    /// Type and text of each piece.
    pub(crate) texts: Vec<(String, String)>,
    /// Type and content of each piece.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) handed_in: u32,
    pub(crate) given_in: u32,
}

impl Dispute {
    pub(crate) fn open() -> Self {
        let (texts, files) = (Vec::new(), Vec::new());
        Self { state: "EVIDENCE_REQUIRED", texts, files, handed_in: 0, given_in: 0 }
    }

    fn shown(&self, id: &str) -> Answer {
        (200, json!({"dispute": {"id": id, "state": self.state}}))
    }
}

#[derive(Default)]
pub(crate) struct Disputes {
    pub(crate) kept: BTreeMap<String, Dispute>,
    /// What was asked under a key, and its answer.
    keys: BTreeMap<String, (String, Answer)>,
}

impl Disputes {
    pub(crate) fn answer(&mut self, method: &str, of: &[&str], asked: &Asked) -> Result<Answer, String> {
        let (id, action) = match (method, of) {
            ("GET", [id]) => return Ok(self.kept.get(*id).map_or_else(missing, |dispute| dispute.shown(id))),
            ("POST", [id, action]) => (*id, *action),
            _ => return Err("there is no such endpoint".into()),
        };
        let of_type = asked.header("content-type").unwrap_or_default();
        let (body, file) = if action == "evidence-files" {
            let (body, file) = form(of_type, &asked.body)?;
            (body, Some(file))
        } else if of_type == "application/json" {
            (asked.json()?, None)
        } else {
            return Err("content-type".into());
        };
        let Some(dispute) = self.kept.get_mut(id) else { return Ok(missing()) };
        let is_open = dispute.state == "EVIDENCE_REQUIRED";
        let piece = match action {
            "evidence-text" | "evidence-files" => text(&body, "idempotency_key")?.to_owned(),
            "submit-evidence" | "accept" => {
                only(&body, &[])?;
                let is_empty = dispute.texts.is_empty() && dispute.files.is_empty();
                if !is_open || (action != "accept" && is_empty) {
                    return Ok(refused("the dispute is in another state"));
                }
                if action == "accept" {
                    (dispute.state, dispute.given_in) = ("ACCEPTED", dispute.given_in + 1);
                } else {
                    (dispute.state, dispute.handed_in) = ("PROCESSING", dispute.handed_in + 1);
                }
                return Ok(dispute.shown(id));
            }
            _ => return Err("there is no such endpoint".into()),
        };
        if piece.len() > 45 {
            return Err(format!("the key {piece}"));
        }
        let whole = format!("{} {body}", asked.what);
        if let Some((known, answer)) = self.keys.get(&piece) {
            let reused = (400, error("IDEMPOTENCY_KEY_REUSED", "another request"));
            return Ok(if *known == whole { answer.clone() } else { reused });
        }
        if !is_open {
            return Ok(refused("the dispute is in another state"));
        }
        let answer = (200, json!({"evidence": {"id": format!("EV{}", self.keys.len()), "dispute_id": id}}));
        keep(dispute, &body, file)?;
        self.keys.insert(piece, (whole, answer.clone()));
        Ok(answer)
    }
}

fn keep(dispute: &mut Dispute, body: &Value, file: Option<Vec<u8>>) -> Result<(), String> {
    let name = text(body, "evidence_type")?.to_owned();
    let Some(content) = file else {
        only(body, &["idempotency_key", "evidence_type", "evidence_text"])?;
        let said = text(body, "evidence_text")?;
        if said.chars().count() > 500 || !TEXTS.contains(&name.as_str()) {
            return Err(format!("the text of {name}"));
        }
        dispute.texts.push((name, said.to_owned()));
        return Ok(());
    };
    let is_known = TEXTS.contains(&name.as_str())
        || matches!(name.as_str(), "CARDHOLDER_COMMUNICATION" | "DUPLICATE_CHARGE_DOCUMENTATION");
    if !is_known || name == "TRACKING_NUMBER" || content.is_empty() || content.len() > 5_000_000 {
        return Err(format!("the file of {name}"));
    }
    dispute.files.push((name, content));
    Ok(())
}

/// What is asked with a file, and the file.
fn form(of_type: &str, body: &[u8]) -> Result<(Value, Vec<u8>), String> {
    let mut parts = parts(of_type, body)?.into_iter();
    let (Some(request), Some(file), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err("two parts".into());
    };
    if request.name != "request" || request.content_type.as_deref() != Some("application/json") {
        return Err("the first part is no request".into());
    }
    let asked: Value = serde_json::from_slice(&request.content).map_err(|_| "the request is no JSON")?;
    only(&asked, &["idempotency_key", "evidence_type", "content_type"])?;
    let named = text(&asked, "content_type")?;
    let is_taken = matches!(named, "application/pdf" | "image/png" | "image/jpeg");
    let is_file = file.name == "image_file" && file.file_name.is_some();
    if !is_taken || !is_file || file.content_type.as_deref() != Some(named) {
        return Err("the second part is no file of this type".into());
    }
    Ok((asked, file.content))
}
