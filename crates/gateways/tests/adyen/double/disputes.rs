//! Adyen's rules for disputes: its Disputes API, which knows no key, and answers 200 to what it does not do.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::rules::{only, text};
use super::server::{Answer, Books, MERCHANT};

/// What has no effect.
pub(super) const QUESTION: &str = "retrieveApplicableDefenseReasons";

/// A dispute as Adyen keeps it.
#[derive(Clone, Default)]
pub(crate) struct Dispute {
    /// Its grounds, each with the documents that it wants: code, level.
    pub(crate) grounds: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
    /// What was supplied, by the type of the document.
    pub(crate) documents: BTreeMap<String, Vec<u8>>,
    /// On which ground it was defended.
    pub(crate) defended: Option<String>,
    pub(crate) handed_in: u32,
    pub(crate) given_in: u32,
    /// Why nothing is taken any more.
    pub(crate) over: Option<&'static str>,
}

impl Dispute {
    /// One that can be defended with a document and an invoice.
    pub(crate) fn open() -> Self {
        let wanted = vec![("TIDorInvoice", "Optional"), ("DefenseMaterial", "Required")];
        Self { grounds: vec![("SupplyDefenseMaterial", wanted)], ..Self::default() }
    }

    fn takes(&self) -> Result<(), &'static str> {
        match (self.over, self.handed_in + self.given_in) {
            (Some(why), _) => Err(why),
            (None, 0) => Ok(()),
            (None, _) => Err("Dispute already defended"),
        }
    }
}

fn result(said: Result<(), &str>) -> Value {
    match said {
        Ok(()) => json!({"disputeServiceResult": {"success": true}}),
        Err(why) => json!({"disputeServiceResult": {"success": false, "errorMessage": why}}),
    }
}

pub(super) fn perform(books: &mut Books, operation: &str, body: &Value) -> Result<Answer, String> {
    let more: &[&str] = match operation {
        QUESTION | "acceptDispute" => &[],
        "supplyDefenseDocument" => &["defenseDocuments"],
        "defendDispute" => &["defenseReasonCode"],
        _ => return Err("there is no such operation".into()),
    };
    only(body, &[&["merchantAccountCode", "disputePspReference"], more].concat())?;
    if text(body, "merchantAccountCode")? != MERCHANT {
        return Err("another merchant account".into());
    }
    let Some(dispute) = books.disputes.get_mut(text(body, "disputePspReference")?) else {
        return Ok((200, result(Err("Invalid disputePspReference provided"))));
    };
    if let Err(why) = dispute.takes() {
        return Ok((200, result(Err(why))));
    }
    match operation {
        "acceptDispute" => dispute.given_in += 1,
        "supplyDefenseDocument" => return supply(dispute, body),
        "defendDispute" => {
            let code = text(body, "defenseReasonCode")?;
            let ground = dispute.grounds.iter().find(|(known, _)| *known == code);
            let (_, wanted) = ground.ok_or("no ground of this dispute")?;
            let is_there = |one: &&(&str, &str)| dispute.documents.contains_key(one.0);
            if !wanted.iter().filter(|one| one.1 == "Required").all(|one| is_there(&one)) {
                return Ok((200, result(Err("Missing required defense documents"))));
            }
            dispute.defended = Some(code.to_owned());
            dispute.handed_in += 1;
        }
        _ => {
            let mut answer = result(Ok(()));
            answer["defenseReasons"] = dispute.grounds.iter().map(|ground| shown(dispute, ground)).collect();
            return Ok((200, answer));
        }
    }
    Ok((200, result(Ok(()))))
}

fn shown(dispute: &Dispute, (code, wanted): &(&str, Vec<(&str, &str)>)) -> Value {
    let wanted = wanted.iter().map(|(name, level)| {
        let available = dispute.documents.contains_key(*name);
        json!({"available": available, "defenseDocumentTypeCode": name, "requirementLevel": level})
    });
    json!({"defenseReasonCode": code, "satisfied": false, "defenseDocumentTypes": wanted.collect::<Vec<_>>()})
}

fn supply(dispute: &mut Dispute, body: &Value) -> Result<Answer, String> {
    let documents = body["defenseDocuments"].as_array().filter(|list| !list.is_empty()).ok_or("documents")?;
    let mut names = Vec::new();
    for document in documents {
        only(document, &["content", "contentType", "defenseDocumentTypeCode"])?;
        let name = text(document, "defenseDocumentTypeCode")?;
        let is_known = dispute.grounds.iter().any(|(_, wanted)| wanted.iter().any(|one| one.0 == name));
        if !is_known || names.contains(&name) {
            return Err(format!("the type {name} is none, or there twice"));
        }
        names.push(name);
        let content =
            BASE64.decode(text(document, "content")?.as_bytes()).map_err(|error| error.to_string())?;
        let most = match text(document, "contentType")? {
            "application/pdf" => 2_000_000,
            "image/jpeg" | "image/jpg" | "image/tiff" => 10_000_000,
            other => return Err(format!("no document of type {other} is taken")),
        };
        if content.len() > most {
            return Err("a document is too large".into());
        }
        dispute.documents.insert(name.to_owned(), content);
    }
    Ok((200, result(Ok(()))))
}
