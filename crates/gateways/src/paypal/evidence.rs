//! What PayPal's Customer Disputes API is asked, and what its answers mean: pure functions, from the port's words and back.
//!
//! From PayPal's own specification (`customer_disputes_v1.json` of
//! <https://github.com/paypal/paypal-rest-api-specifications>): the addresses, the form in parts, the states, the sources and
//! types of evidence, carriers, 2,000 characters of notes, that the links of a dispute say what can be done with it. From its
//! documentation (<https://developer.paypal.com/platforms/disputes/reference/supported-file-types-sizes>): the types of files,
//! less than 10 MB of each, 50 MB of all. From what others saw in its sandbox: the parts `input` and `file1`, the links
//! `provide_evidence` and `accept_claim`, that one piece of evidence is taken at a time, that a request's id has no meaning here
//! (the same again is refused with `ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE`), and `EVIDENCE_TYPE_IS_NOT_ALLOWED` for some of
//! the types that it had asked for. From PayPal's examples of calls: that giving in is JSON, with `note` and `accept_claim_type`;
//! its specification has a form in parts for it, with a file alone.

use std::fmt::Write;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tender_domain::disputes::{EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::ports::{HandedIn, ReplyTo};
use tender_domain::uploads::FileType;

use super::request::custom_id;
use super::wire::Link;
use crate::form::{Form, Part, ending};
use crate::letter;

/// The longest notes.
const NOTES_CHARS_MAX: usize = 2_000;
/// Each file must be smaller.
const FILE_BYTES: u64 = 10_000_000;
/// How much is sent at once from here, of the 50 MB that PayPal takes.
const TOTAL_BYTES_MAX: u64 = 20_000_000;
/// The longest number of a parcel, and the longest name of who brings it.
const TRACKING_CHARS_MAX: usize = 255;
/// The carriers that go by the same name everywhere.
const CARRIERS: [&str; 7] = ["UPS", "USPS", "FEDEX", "DHL", "TNT", "DPD", "ROYAL_MAIL"];
/// The type of evidence that claims nothing.
pub(super) const OTHER: &str = "OTHER";

/// An action on a dispute that is not sent yet: printed nowhere.
pub(super) struct Action {
    pub(super) path: String,
    pub(super) key: String,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

/// A dispute as it stands, as far as it says what can be replied.
#[derive(Deserialize)]
pub(super) struct Shown {
    status: String,
    dispute_outcome: Option<Outcome>,
    #[serde(default)]
    evidences: Vec<Piece>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Outcome {
    outcome_code: Option<String>,
}

/// A piece of evidence that was handed in, or is asked for.
#[derive(Deserialize)]
struct Piece {
    evidence_type: Option<String>,
    source: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    documents: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    name: Option<String>,
}

/// What became of a reply, by what the dispute shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Now {
    /// It was told before.
    Done,
    /// Nothing is taken any more; why.
    Over(String),
    /// Nothing is taken just now; why.
    Waits(String),
    /// It can be told.
    Open,
}

/// Evidence as PayPal takes it: one piece, with all of the texts and files.
pub(super) struct Pack {
    /// What the names of its files begin with, the same for the same reply and for no other.
    mark: String,
    notes: String,
    tracking: Option<Value>,
    /// The types that it can be called, the best first.
    types: Vec<&'static str>,
    files: Vec<Named>,
}

struct Named {
    name: String,
    content_type: &'static str,
    content: Vec<u8>,
}

/// Where a dispute is.
pub(super) fn path(to: &ReplyTo) -> String {
    format!("v1/customer/disputes/{}", to.dispute_reference)
}

/// The id of a request, short whatever the tenant's name is.
fn key(to: &ReplyTo, what: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(custom_id(&to.tenant, &format!("{}/{what}", to.reference))))
}

/// Gives in: all of what is disputed goes back.
pub(super) fn accept(to: &ReplyTo) -> Action {
    let body = json!({"note": "The merchant accepts the claim.", "accept_claim_type": "REFUND"});
    Action {
        path: format!("{}/accept-claim", path(to)),
        key: key(to, "accept"),
        content_type: "application/json".to_owned(),
        body: body.to_string().into_bytes(),
    }
}

/// Whether PayPal takes all of these texts: as notes, or as a document.
pub(super) fn admit_texts(texts: &[EvidenceText]) -> Result<(), String> {
    if joined(texts).chars().count() <= NOTES_CHARS_MAX { Ok(()) } else { letter::admit(texts) }
}

/// Whether PayPal takes all of these files.
pub(super) fn admit_files(files: &[EvidenceFile]) -> Result<(), String> {
    if files.iter().any(|one| one.file.file_type == FileType::Text) {
        return Err("PayPal takes PDF, PNG and JPEG as files of evidence".to_owned());
    }
    if files.iter().any(|one| one.file.size >= FILE_BYTES) {
        return Err(format!("PayPal takes files of less than {FILE_BYTES} bytes"));
    }
    let size = files.iter().fold(0_u64, |size, one| size.saturating_add(one.file.size));
    if size > TOTAL_BYTES_MAX {
        return Err(format!("at most {TOTAL_BYTES_MAX} bytes of files are sent to PayPal at once"));
    }
    Ok(())
}

/// All texts, each under its name.
fn joined(texts: &[EvidenceText]) -> String {
    let mut all = String::new();
    for one in texts {
        let _ = writeln!(all, "{}: {}", one.kind.as_str().replace('_', " "), one.text.trim());
    }
    all.trim_end().to_owned()
}

impl Pack {
    /// The evidence of a reply.
    ///
    /// # Errors
    /// Why it cannot be said, for the person who wrote it.
    pub(super) fn of(to: &ReplyTo, evidence: HandedIn<'_>) -> Result<Self, String> {
        let HandedIn { texts, files } = evidence;
        let digest = Sha256::digest(custom_id(&to.tenant, &to.reference));
        let mark = format!("tender-{}", &HEXLOWER.encode(&digest)[..16]);
        let mut all = Vec::with_capacity(files.len() + 1);
        let mut notes = joined(texts);
        let is_short = notes.chars().count() <= NOTES_CHARS_MAX;
        // Beside notes that say it all, a document with the texts is how the reply is known again.
        match (texts.is_empty(), letter::pdf(texts)) {
            (false, Ok(content)) => {
                let name = format!("{mark}-texts.pdf");
                all.push(Named { name, content_type: FileType::Pdf.as_str(), content });
            }
            (false, Err(why)) if !is_short => return Err(why),
            _ => {}
        }
        if texts.is_empty() {
            notes = "The evidence is in the files.".to_owned();
        } else if !is_short {
            notes = format!("The texts are in {mark}-texts.pdf.");
        }
        all.extend(files.iter().enumerate().map(|(place, file)| Named {
            name: format!("{mark}-{}.{}", place + 1, ending(file.file_type)),
            content_type: file.file_type.as_str(),
            content: file.content.clone(),
        }));
        let tracking = tracking(texts);
        let types = types(evidence, tracking.is_some());
        Ok(Self { mark, notes, tracking, types, files: all })
    }

    /// The types to try, the best first: of those that PayPal asks for, when it says; at last the one that claims nothing.
    pub(super) fn types(&self, dispute: &Shown) -> Vec<&'static str> {
        let asked_for: Vec<&str> = dispute.asked_for().collect();
        let is_wanted = |name: &&&str| asked_for.is_empty() || asked_for.contains(*name);
        let best = self.types.iter().find(is_wanted).copied();
        let mut types: Vec<&'static str> = best.into_iter().collect();
        if best != Some(OTHER) {
            types.push(OTHER);
        }
        types
    }

    /// Hands it in as evidence of a type, for good.
    pub(super) fn provide(&self, to: &ReplyTo, evidence_type: &str) -> Action {
        let mut piece = json!({"evidence_type": evidence_type, "notes": self.notes});
        if !self.files.is_empty() {
            piece["documents"] = self.files.iter().map(|file| json!({"name": file.name})).collect();
        }
        if let Some(tracking) = self.tracking.as_ref().filter(|_| evidence_type == FULFILLMENT) {
            piece["evidence_info"] = json!({"tracking_info": [tracking]});
        }
        let input = json!({"evidences": [piece]}).to_string();
        let names: Vec<String> = (1..=self.files.len()).map(|place| format!("file{place}")).collect();
        let mut parts = vec![Part {
            name: "input",
            file_name: None,
            content_type: Some("application/json"),
            content: input.as_bytes(),
        }];
        parts.extend(self.files.iter().zip(&names).map(|(file, name)| Part {
            name,
            file_name: Some(&file.name),
            content_type: Some(file.content_type),
            content: &file.content,
        }));
        let Form { content_type, body } = Form::of(&parts);
        let path = format!("{}/provide-evidence", path(to));
        Action { path, key: key(to, evidence_type), content_type, body }
    }
}

const FULFILLMENT: &str = "PROOF_OF_FULFILLMENT";

/// What the evidence can be called, the best first.
fn types(evidence: HandedIn<'_>, is_tracked: bool) -> Vec<&'static str> {
    use EvidenceKind as K;
    let has = |kinds: &[EvidenceKind]| {
        evidence.texts.iter().any(|one| kinds.contains(&one.kind))
            || evidence.files.iter().any(|one| kinds.contains(&one.kind))
    };
    let policies = has(&[K::CancellationPolicyDisclosure, K::RefundPolicyDisclosure]);
    let known = [
        (FULFILLMENT, is_tracked),
        ("RETURN_POLICY", policies),
        ("ITEM_DESCRIPTION", has(&[K::ProductDescription])),
        (OTHER, true),
    ];
    known.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
}

/// Under which number a parcel can be followed, and at whose; none of what is no number.
fn tracking(texts: &[EvidenceText]) -> Option<Value> {
    let text = |kind| texts.iter().find(|one| one.kind == kind).map(|one| one.text.trim());
    let is_plain = |text: &&str| text.chars().count() <= TRACKING_CHARS_MAX && !text.contains('\n');
    let number = text(EvidenceKind::ShippingTrackingNumber).filter(is_plain)?;
    let carrier = text(EvidenceKind::ShippingCarrier).filter(is_plain).unwrap_or("not said");
    let word = carrier.to_ascii_uppercase().replace([' ', '-'], "_");
    Some(match CARRIERS.iter().find(|known| **known == word) {
        Some(known) => json!({"carrier_name": known, "tracking_number": number}),
        None => json!({"carrier_name": "OTHER", "carrier_name_other": carrier, "tracking_number": number}),
    })
}

impl Shown {
    /// What PayPal asks the merchant for.
    fn asked_for(&self) -> impl Iterator<Item = &str> {
        let asked =
            self.evidences.iter().filter(|one| one.source.as_deref() == Some("REQUESTED_FROM_SELLER"));
        asked.filter_map(|one| one.evidence_type.as_deref())
    }

    fn offers(&self, action: &str) -> bool {
        self.links.iter().any(|link| link.rel.replace('-', "_") == action)
    }

    /// What became of this evidence.
    pub(super) fn of_evidence(&self, pack: &Pack) -> Now {
        let is_ours = |one: &Piece| {
            let named = |one: &Document| one.name.as_deref().is_some_and(|name| name.starts_with(&pack.mark));
            let by_seller = one.source.as_deref() == Some("SUBMITTED_BY_SELLER");
            one.documents.iter().any(named)
                || (by_seller && one.notes.as_deref() == Some(pack.notes.as_str()))
        };
        if self.evidences.iter().any(is_ours) {
            return Now::Done;
        }
        self.otherwise("provide_evidence", "asks for no evidence")
    }

    /// What became of giving in.
    pub(super) fn of_acceptance(&self) -> Now {
        let outcome = self.dispute_outcome.as_ref().and_then(|outcome| outcome.outcome_code.as_deref());
        if matches!(outcome, Some("RESOLVED_BUYER_FAVOUR" | "ACCEPTED")) {
            return Now::Done;
        }
        self.otherwise("accept_claim", "lets nobody give in")
    }

    fn otherwise(&self, action: &str, says: &str) -> Now {
        let status = &self.status;
        match status.as_str() {
            "RESOLVED" => Now::Over("PayPal has decided the dispute".to_owned()),
            _ if self.offers(action) => Now::Open,
            _ => Now::Waits(format!("PayPal {says} just now (the dispute is {status}); it is asked again")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: EvidenceKind, text: &str) -> EvidenceText {
        EvidenceText { kind, text: text.to_owned() }
    }

    #[test]
    fn evidence_is_called_what_it_is_and_what_paypal_asks_for() {
        use EvidenceKind as K;
        let shown = |asked_for: &[&str]| -> Shown {
            let asked = asked_for
                .iter()
                .map(|name| json!({"evidence_type": name, "source": "REQUESTED_FROM_SELLER"}));
            let evidences: Vec<Value> = asked.collect();
            serde_json::from_value(json!({"status": "WAITING_FOR_SELLER_RESPONSE", "evidences": evidences}))
                .expect("a dispute")
        };
        let tracked = text(K::ShippingTrackingNumber, "RB123456785GB");
        let described = text(K::ProductDescription, "A room with a view");
        for (texts, asked_for, wanted) in [
            (vec![tracked.clone(), described.clone()], &[][..], &[FULFILLMENT, OTHER][..]),
            (vec![tracked.clone(), described.clone()], &["ITEM_DESCRIPTION"], &["ITEM_DESCRIPTION", OTHER]),
            (vec![tracked], &["PROOF_OF_REFUND"], &[OTHER]),
            (vec![text(K::CustomerName, "Ada")], &[], &[OTHER]),
            (vec![text(K::RefundPolicyDisclosure, "On the page")], &[], &["RETURN_POLICY", OTHER]),
        ] {
            let to = ReplyTo {
                tenant: tender_domain::kernel::TenantId::sandbox(),
                reference: "dp_1/evidence/2".to_owned(),
                dispute_reference: "PP-D-1".to_owned(),
                reason: tender_domain::disputes::DisputeReason::Other,
                tries: 0,
            };
            let pack = Pack::of(&to, HandedIn { texts: &texts, files: &[] }).expect("a pack");
            assert_eq!(pack.types(&shown(asked_for)), wanted, "{texts:?} {asked_for:?}");
        }
    }

    #[test]
    fn a_parcel_is_followed_at_a_carrier_that_paypal_knows_or_under_its_own_name() {
        use EvidenceKind as K;
        let of = |carrier: &str| {
            tracking(&[text(K::ShippingTrackingNumber, " 1Z "), text(K::ShippingCarrier, carrier)])
                .expect("one")
        };
        assert_eq!(of("Royal Mail"), json!({"carrier_name": "ROYAL_MAIL", "tracking_number": "1Z"}));
        let other =
            json!({"carrier_name": "OTHER", "carrier_name_other": "Kurier Süd", "tracking_number": "1Z"});
        assert_eq!(of("Kurier Süd"), other);
        assert_eq!(tracking(&[text(K::ShippingCarrier, "UPS")]), None);
        assert_eq!(tracking(&[text(K::ShippingTrackingNumber, "one\nand another")]), None);
    }
}
