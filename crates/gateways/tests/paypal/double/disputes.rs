//! PayPal's rules for disputes: what can be done is what a dispute's links say, and nothing makes a repetition harmless.

use serde_json::{Value, json};

use super::rules::{missing, only, text};
use super::server::{Answer, Books, error};
use crate::parts::{Part, parts};

/// Where disputes are.
pub(super) const PLACE: &str = "v1/customer/disputes/";

/// A dispute as PayPal keeps it.
#[derive(Clone)]
pub(crate) struct Dispute {
    pub(crate) status: &'static str,
    pub(crate) outcome: Option<&'static str>,
    /// The types of evidence that the seller is asked for.
    pub(crate) asked_for: Vec<&'static str>,
    /// The types that are not taken, whatever was asked for.
    pub(crate) not_allowed: Vec<&'static str>,
    /// What was handed in.
    pub(crate) evidences: Vec<Value>,
    pub(crate) files: Vec<Vec<u8>>,
    pub(crate) handed_in: u32,
    pub(crate) given_in: u32,
}

impl Dispute {
    /// One that waits for the seller.
    pub(crate) fn open() -> Self {
        Self {
            status: "WAITING_FOR_SELLER_RESPONSE",
            outcome: None,
            asked_for: Vec::new(),
            not_allowed: Vec::new(),
            evidences: Vec::new(),
            files: Vec::new(),
            handed_in: 0,
            given_in: 0,
        }
    }
}

pub(super) fn read(books: &Books, id: &str) -> Result<Answer, String> {
    if id.contains('/') {
        return Err("there is no such endpoint".into());
    }
    let Some(dispute) = books.disputes.get(id) else { return Ok(missing()) };
    let asked = dispute.asked_for.iter();
    let asked = asked.map(|name| json!({"evidence_type": name, "source": "REQUESTED_FROM_SELLER"}));
    let evidences: Vec<Value> = asked.chain(dispute.evidences.iter().cloned()).collect();
    let link = |rel: &str| json!({"href": format!("https://api.example.com/{PLACE}{id}"), "rel": rel});
    let mut links = vec![link("self")];
    if dispute.status == "WAITING_FOR_SELLER_RESPONSE" {
        links.extend([link("provide_evidence"), link("accept_claim")]);
    }
    let mut shown = json!({"dispute_id": id, "status": dispute.status, "dispute_life_cycle_stage": "CHARGEBACK",
        "evidences": evidences, "links": links});
    if let Some(outcome) = dispute.outcome {
        shown["dispute_outcome"] = json!({"outcome_code": outcome});
    }
    Ok((200, shown))
}

pub(super) fn perform(books: &mut Books, of: &str, of_type: &str, body: &[u8]) -> Result<Answer, String> {
    let (id, action) = of.split_once('/').ok_or("there is no such endpoint")?;
    let done =
        (200, json!({"links": [{"href": format!("https://api.example.com/{PLACE}{id}"), "rel": "self"}]}));
    let Some(dispute) = books.disputes.get_mut(id) else { return Ok(missing()) };
    let is_open = dispute.status == "WAITING_FOR_SELLER_RESPONSE";
    let not_now = (422, error("UNPROCESSABLE_ENTITY", "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE", ""));
    match action {
        "provide-evidence" => {
            let (piece, files) = evidence(of_type, body)?;
            if !is_open {
                return Ok(not_now);
            }
            let name = text(&piece, "evidence_type")?;
            if dispute.not_allowed.contains(&name) {
                return Ok((400, error("INVALID_REQUEST", "EVIDENCE_TYPE_IS_NOT_ALLOWED", "/evidences/0")));
            }
            let mut kept = piece.clone();
            kept["source"] = "SUBMITTED_BY_SELLER".into();
            dispute.evidences.push(kept);
            dispute.files.extend(files);
            dispute.handed_in += 1;
            dispute.status = "UNDER_REVIEW";
        }
        "accept-claim" => {
            let body: Value = serde_json::from_slice(body).map_err(|_| "the body is no JSON")?;
            only(&body, &["note", "accept_claim_type"])?;
            text(&body, "note")?;
            if of_type != "application/json" || body["accept_claim_type"] != "REFUND" {
                return Err("how a claim is accepted".into());
            }
            if !is_open {
                return Ok(not_now);
            }
            dispute.given_in += 1;
            (dispute.status, dispute.outcome) = ("RESOLVED", Some("RESOLVED_BUYER_FAVOUR"));
        }
        _ => return Err("there is no such endpoint".into()),
    }
    Ok(done)
}

/// The one piece of evidence of a form, and the files in it, each of which it names.
fn evidence(of_type: &str, body: &[u8]) -> Result<(Value, Vec<Vec<u8>>), String> {
    let mut parts = parts(of_type, body)?.into_iter();
    let input = parts.next().ok_or("no part")?;
    if input.name != "input" || input.content_type.as_deref() != Some("application/json") {
        return Err("the first part is no input".into());
    }
    let input: Value = serde_json::from_slice(&input.content).map_err(|_| "the input is no JSON")?;
    only(&input, &["evidences"])?;
    let [piece] = input["evidences"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err("one piece of evidence at a time".into());
    };
    only(piece, &["evidence_type", "notes", "documents", "evidence_info"])?;
    let name = text(piece, "evidence_type")?;
    if !["PROOF_OF_FULFILLMENT", "RETURN_POLICY", "ITEM_DESCRIPTION", "OTHER"].contains(&name) {
        return Err(format!("the type {name}"));
    }
    if text(piece, "notes")?.chars().count() > 2_000 {
        return Err("the notes are too long".into());
    }
    if (name == "PROOF_OF_FULFILLMENT") != piece["evidence_info"].is_object() {
        return Err("what belongs to this type".into());
    }
    if piece["evidence_info"].is_object() {
        let tracking = &piece["evidence_info"]["tracking_info"][0];
        only(tracking, &["carrier_name", "carrier_name_other", "tracking_number"])?;
        text(tracking, "carrier_name")?;
        text(tracking, "tracking_number")?;
    }
    let named: Vec<&str> =
        piece["documents"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()).collect();
    let mut files = Vec::new();
    for (place, Part { name, file_name, content_type, content }) in parts.enumerate() {
        let ending = match content_type.as_deref() {
            Some("application/pdf") => ".pdf",
            Some("image/png") => ".png",
            Some("image/jpeg") => ".jpg",
            other => return Err(format!("no file of type {other:?} is taken")),
        };
        let file_name = file_name.ok_or("a file has no name")?;
        if name != format!("file{}", place + 1) || named.get(place) != Some(&&*file_name) {
            return Err(format!("the file {name} {file_name}"));
        }
        if !file_name.ends_with(ending) || content.is_empty() || content.len() >= 10_000_000 {
            return Err("its name has another ending, it is empty or too large".into());
        }
        files.push(content);
    }
    if files.len() == named.len() { Ok((piece.clone(), files)) } else { Err("a file is missing".into()) }
}
