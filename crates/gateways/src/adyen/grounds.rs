//! The grounds on which a dispute can be defended at Adyen, and which is claimed: a pure choice among what Adyen lists.
//!
//! From Adyen's own specification (`DisputeService-v30.json` of <https://github.com/Adyen/adyen-openapi>): the levels at which
//! documents are wanted, and the codes of its examples. From the stories of Adyen's own web components
//! (<https://github.com/Adyen/adyen-platform-experience-web>): the other codes.

use serde::Deserialize;
use tender_domain::disputes::{DisputeReason, EvidenceKind};
use tender_domain::ports::HandedIn;

use super::defence::Document;

/// The type of documents that is the invoice, beside what proves the ground itself.
const INVOICE: &str = "TIDorInvoice";

/// The grounds on which a dispute can be defended.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grounds {
    #[serde(default)]
    defense_reasons: Vec<Ground>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ground {
    defense_reason_code: String,
    #[serde(default)]
    defense_document_types: Vec<Wanted>,
}

/// A type of documents that a ground has a place for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    defense_document_type_code: String,
    requirement_level: String,
}

/// A ground, and which document goes where.
pub(super) struct Defence<'a> {
    pub(super) code: &'a str,
    pub(super) placed: Vec<(&'a str, &'a Document)>,
}

use DisputeReason as R;
use EvidenceKind as K;

/// Which grounds answer what payers say, the best first, and what has to be in the evidence for them: a ground is a claim, and
/// none is made here that nothing shows.
const ANSWERS: &[(&[DisputeReason], &str, &[EvidenceKind])] = &[
    (&[R::Fraud, R::Unrecognized], "CompellingEvidence", &[K::ActivityLog, K::CustomerPurchaseIp]),
    (
        &[R::ProductNotReceived],
        "MerchandiseReceived",
        &[K::ShippingAddress, K::ShippingDate, K::ShippingTrackingNumber],
    ),
    (&[R::ProductNotReceived], "ServicesProvided", &[K::ServiceDate, K::ActivityLog]),
    (
        &[R::ProductNotReceived],
        "GoodsOrServicesProvided",
        &[K::ShippingAddress, K::ShippingDate, K::ShippingTrackingNumber, K::ServiceDate, K::ActivityLog],
    ),
    (&[R::ProductUnacceptable], "GoodsWereAsDescribed", &[K::ProductDescription]),
    (
        &[R::Canceled, R::CanceledRecurring, R::CreditNotProcessed],
        "CreditOrCancellationPolicyProperlyDisclosed",
        &[K::CancellationPolicyDisclosure, K::RefundPolicyDisclosure],
    ),
    (&[R::Canceled, R::CanceledRecurring], "CancellationTermsFailed", &[K::CancellationRebuttal]),
    (&[R::Duplicate], "PurchaseProperlyPosted", &[K::DuplicateExplanation]),
];
/// The grounds that claim nothing but what the documents say.
const ANY: [&str; 2] = ["SupplyDefenseMaterial", "AdditionalInformation"];

impl Grounds {
    /// The ground to defend on: the first that answers the reason, is one of the dispute's, and has a place for each
    /// document, and a document for each place that wants one.
    ///
    /// # Errors
    /// What Adyen wants, for the person whose evidence does not fit.
    pub(super) fn choose<'a>(
        &'a self,
        reason: DisputeReason,
        evidence: HandedIn<'_>,
        documents: &'a [Document],
    ) -> Result<Defence<'a>, String> {
        let is_there = |kind: &EvidenceKind| {
            evidence.texts.iter().any(|one| one.kind == *kind)
                || evidence.files.iter().any(|one| one.kind == *kind)
        };
        let answering = ANSWERS
            .iter()
            .filter(|(reasons, _, shown_by)| reasons.contains(&reason) && shown_by.iter().any(is_there))
            .map(|(_, code, _)| *code);
        let chosen = answering.chain(ANY).find_map(|code| {
            let ground = self.defense_reasons.iter().find(|ground| ground.defense_reason_code == code)?;
            Some(Defence { code: &ground.defense_reason_code, placed: ground.place(documents)? })
        });
        chosen.ok_or_else(|| self.none_fits(documents.len()))
    }

    fn none_fits(&self, documents: usize) -> String {
        let grounds: Vec<String> = self.defense_reasons.iter().map(Ground::described).collect();
        format!(
            "none of Adyen's grounds fits evidence of {documents} documents (all texts are one): {}; submit what one of them \
             wants, or defend it in the Customer Area",
            if grounds.is_empty() { "there is none".to_owned() } else { grounds.join("; ") }
        )
    }
}

impl Ground {
    /// Which document goes where. None when one has no place, or a place that must be filled has none.
    fn place<'a>(&'a self, documents: &'a [Document]) -> Option<Vec<(&'a str, &'a Document)>> {
        let places = |level: &'static str| {
            let of_level =
                self.defense_document_types.iter().filter(move |one| one.requirement_level == level);
            of_level.map(|one| one.defense_document_type_code.as_str())
        };
        let (required, one_or_more) = (places("Required").count(), places("OneOrMore").count());
        let needed = required + one_or_more.min(1);
        // An invoice that is welcome comes before other documents that are.
        let mut optional: Vec<&str> = places("Optional").collect();
        optional.sort_by_key(|code| *code != INVOICE);
        let all: Vec<&str> = places("Required").chain(places("OneOrMore")).chain(optional).collect();
        if documents.len() < needed || documents.len() > all.len() {
            return None;
        }
        let mut left: Vec<&Document> = documents.iter().collect();
        let mut placed = Vec::with_capacity(left.len());
        for code in all.into_iter().take(documents.len()) {
            let sold = |document: &&Document| document.kind == Some(EvidenceKind::ProductDescription);
            let place = if code == INVOICE {
                left.iter().position(sold).unwrap_or(left.len() - 1)
            } else {
                left.iter().position(|document| !sold(document)).unwrap_or(0)
            };
            placed.push((code, left.remove(place)));
        }
        Some(placed)
    }

    fn described(&self) -> String {
        let wanted = self.defense_document_types.iter();
        let wanted =
            wanted.map(|one| format!("{} {}", one.requirement_level, one.defense_document_type_code));
        format!("{} ({})", self.defense_reason_code, wanted.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tender_domain::disputes::EvidenceText;
    use tender_domain::kernel::UploadId;
    use tender_domain::ports::FileToSend;
    use tender_domain::uploads::FileType;

    use super::super::defence::documents;
    use super::*;

    fn grounds(listed: Value) -> Grounds {
        serde_json::from_value(json!({"defenseReasons": listed})).expect("grounds")
    }

    fn ground(code: &str, wanted: &[(&str, &str)]) -> Value {
        let wanted = wanted.iter().map(|(level, code)| {
            json!({"available": false, "defenseDocumentTypeCode": code, "requirementLevel": level})
        });
        json!({"defenseReasonCode": code, "satisfied": false, "defenseDocumentTypes": wanted.collect::<Vec<_>>()})
    }

    fn text(kind: EvidenceKind) -> EvidenceText {
        EvidenceText { kind, text: "It was so".to_owned() }
    }

    fn file(kind: EvidenceKind) -> FileToSend {
        let upload = UploadId::from_uuid(uuid::Uuid::from_u128(1));
        FileToSend { kind, upload, file_type: FileType::Pdf, content: b"%PDF".to_vec() }
    }

    /// Which document goes where: the place, and `texts` or what a file is about.
    type Placed = Vec<(String, &'static str)>;

    /// The ground that is chosen, and which of the documents goes where.
    fn chosen(
        grounds: &Grounds,
        reason: DisputeReason,
        texts: &[EvidenceText],
        files: &[FileToSend],
    ) -> Result<(String, Placed), String> {
        let evidence = HandedIn { texts, files };
        let documents = documents(evidence).expect("documents");
        let defence = grounds.choose(reason, evidence, &documents)?;
        let placed = defence.placed.iter().map(|(code, document)| {
            ((*code).to_owned(), document.kind.map_or("texts", |kind| kind.as_str()))
        });
        Ok((defence.code.to_owned(), placed.collect()))
    }

    #[test]
    fn a_ground_is_claimed_only_when_the_evidence_shows_it() {
        let all = grounds(json!([
            ground("InvalidChargeback", &[("Optional", "DefenseMaterial")]),
            ground("GoodsWereAsDescribed", &[("Required", "GoodsWereAsDescribed"), ("Optional", INVOICE)]),
            ground("CancellationTermsFailed", &[("Required", "CancellationTermsFailed")]),
            ground("SupplyDefenseMaterial", &[("Required", "DefenseMaterial"), ("Optional", INVOICE)]),
        ]));
        for (reason, kind, code) in [
            (R::ProductUnacceptable, K::ProductDescription, "GoodsWereAsDescribed"),
            (R::ProductUnacceptable, K::CustomerName, "SupplyDefenseMaterial"),
            (R::Canceled, K::CancellationRebuttal, "CancellationTermsFailed"),
            (R::Fraud, K::CancellationRebuttal, "SupplyDefenseMaterial"),
            (R::Other, K::Other, "SupplyDefenseMaterial"),
        ] {
            assert_eq!(chosen(&all, reason, &[text(kind)], &[]).expect("one fits").0, code, "{kind:?}");
        }
    }

    #[test]
    fn each_document_has_a_place_and_each_place_that_must_be_filled_a_document() {
        let of = |wanted: &[(&str, &str)]| grounds(json!([ground("SupplyDefenseMaterial", wanted)]));
        let two =
            of(&[("Optional", INVOICE), ("Required", "DefenseMaterial"), ("AlternativeRequired", "Any")]);
        let place = |code: &str, what| (code.to_owned(), what);
        let placed = |grounds: &Grounds, texts: &[EvidenceText], files: &[FileToSend]| {
            chosen(grounds, R::Other, texts, files).map(|chosen| chosen.1)
        };
        assert_eq!(placed(&two, &[text(K::Other)], &[]), Ok(vec![place("DefenseMaterial", "texts")]));
        assert_eq!(
            placed(&two, &[], &[file(K::ProductDescription)]),
            Ok(vec![place("DefenseMaterial", "product_description")])
        );
        assert_eq!(
            placed(&two, &[], &[file(K::ProductDescription), file(K::ActivityLog)]),
            Ok(vec![place("DefenseMaterial", "activity_log"), place(INVOICE, "product_description")])
        );
        assert_eq!(
            placed(&two, &[text(K::Other)], &[file(K::ActivityLog)]),
            Ok(vec![place("DefenseMaterial", "texts"), place(INVOICE, "activity_log")])
        );
        let three = placed(&two, &[text(K::Other)], &[file(K::ActivityLog), file(K::Other)]);
        assert!(three.expect_err("no place").contains("Required DefenseMaterial"));
        let both = of(&[("Required", INVOICE), ("Required", "DefenseMaterial")]);
        assert!(placed(&both, &[text(K::Other)], &[]).is_err(), "one of two is missing");
        let some = of(&[("OneOrMore", "A"), ("OneOrMore", "B")]);
        assert_eq!(placed(&some, &[text(K::Other)], &[]), Ok(vec![place("A", "texts")]));
        let none = placed(&grounds(json!([])), &[text(K::Other)], &[]).expect_err("no ground");
        assert!(none.contains("there is none") && none.contains("Customer Area"), "{none}");
    }
}
