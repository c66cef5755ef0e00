//! What PayPal is told of disputes.

use std::sync::Arc;

use tender_contract::gateway::{ReplyRig, ReplyTrouble, Standing};
use tender_domain::disputes::{DisputeReason, EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{DisputeReplies, GatewayError, HandedIn, ReplyAnswer, ReplyTo};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType};

use crate::double::{Dispute, Double, Fault, error};
use crate::rig::paypal;

fn rig() -> (ReplyRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (opens, decides, stands) = (Arc::clone(&double), Arc::clone(&double), Arc::clone(&double));
    let (troubles, calms) = (Arc::clone(&double), Arc::clone(&double));
    let rig = ReplyRig {
        gateway: Arc::new(paypal(&double)),
        open: Box::new(move || {
            let mut books = opens.books();
            let name = books.id("PP-D-");
            books.disputes.insert(name.clone(), Dispute::open());
            name
        }),
        decide: Box::new(move |name| {
            let mut books = decides.books();
            let dispute = books.disputes.get_mut(name).expect("it is there");
            (dispute.status, dispute.outcome) = ("RESOLVED", Some("RESOLVED_SELLER_FAVOUR"));
        }),
        standing: Box::new(move |name| {
            let dispute = stands.books().disputes[name].clone();
            let (handed_in, given_in, files) = (dispute.handed_in, dispute.given_in, dispute.files);
            let notes = dispute.evidences.iter().filter_map(|one| one["notes"].as_str());
            Standing { handed_in, given_in, files, texts: notes.collect() }
        }),
        trouble: Box::new(move |place, trouble| {
            let mut books = troubles.books();
            books.faults.clear();
            books.faults.extend((0..place).map(|_| Fault::Well));
            let refused = |status| Fault::Refused(status, error("NAME", "NOT_NOW", ""));
            match trouble {
                ReplyTrouble::CallLost => books.faults.push_back(Fault::LostBefore),
                ReplyTrouble::AnswerLost => books.faults.push_back(Fault::LostAfter),
                ReplyTrouble::Nonsense => books.faults.push_back(Fault::Nonsense),
                // The session is opened once more for it.
                ReplyTrouble::Status(401) => books.faults.extend([refused(401), refused(401)]),
                ReplyTrouble::Status(status) => books.faults.push_back(refused(status)),
            }
        }),
        calm: Box::new(move || calms.books().faults.clear()),
        unknown: "PP-D-999999",
        shows_giving_in: true,
    };
    (rig, double)
}

tender_contract::reply_promises!(rig);

const DISPUTE: &str = "PP-D-27803";

fn with_dispute(dispute: Dispute) -> Double {
    let double = Double::start();
    double.books().disputes.insert(DISPUTE.to_owned(), dispute);
    double
}

fn to() -> ReplyTo {
    ReplyTo {
        tenant: TenantId::sandbox(),
        reference: "dp_1/evidence/2".to_owned(),
        dispute_reference: DISPUTE.to_owned(),
        reason: DisputeReason::ProductNotReceived,
        tries: 0,
    }
}

fn text(kind: EvidenceKind, text: &str) -> EvidenceText {
    EvidenceText { kind, text: text.to_owned() }
}

async fn submitted(double: &Double, texts: &[EvidenceText]) -> Result<ReplyAnswer, GatewayError> {
    paypal(double).submit_evidence(&to(), HandedIn { texts, files: &[] }).await
}

#[tokio::test]
async fn a_type_that_paypal_asked_for_and_does_not_take_is_handed_in_as_other_in_the_same_call() {
    let asked_for = vec!["PROOF_OF_FULFILLMENT"];
    let not_allowed = vec!["PROOF_OF_FULFILLMENT"];
    for (not_allowed, wanted) in [(not_allowed, "OTHER"), (Vec::new(), "PROOF_OF_FULFILLMENT")] {
        let double = with_dispute(Dispute { asked_for: asked_for.clone(), not_allowed, ..Dispute::open() });
        let texts = [
            text(EvidenceKind::ShippingTrackingNumber, "RB123456785GB"),
            text(EvidenceKind::ShippingCarrier, "Royal Mail"),
        ];
        let answer = submitted(&double, &texts).await;
        assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{wanted}: {answer:?}");
        let kept = double.books().disputes[DISPUTE].clone();
        assert_eq!((kept.handed_in, kept.evidences[0]["evidence_type"].as_str()), (1, Some(wanted)));
        if wanted == "PROOF_OF_FULFILLMENT" {
            let tracking = &kept.evidences[0]["evidence_info"]["tracking_info"][0];
            assert_eq!(tracking["carrier_name"], "ROYAL_MAIL");
        }
    }
}

#[tokio::test]
async fn texts_too_long_for_notes_are_a_document_and_in_other_letters_are_for_a_person() {
    let double = with_dispute(Dispute::open());
    let long = [text(EvidenceKind::Other, &"It was so. ".repeat(300))];
    let answer = submitted(&double, &long).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
    let kept = double.books().disputes[DISPUTE].clone();
    assert!(kept.evidences[0]["notes"].as_str().is_some_and(|notes| notes.contains("-texts.pdf")));
    assert!(kept.files[0].starts_with(b"%PDF-1.7\n"));

    let paypal = paypal(&double);
    assert_eq!(paypal.admit_texts(&[text(EvidenceKind::Other, "Łódź")]), Ok(()), "short ones are notes");
    assert!(paypal.admit_texts(&[text(EvidenceKind::Other, &"Łódź ".repeat(500))]).is_err());
    let double = with_dispute(Dispute::open());
    for time in ["first", "again"] {
        let answer = submitted(&double, &[text(EvidenceKind::Other, "Łódź")]).await;
        assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{time}: {answer:?}");
    }
    let kept = double.books().disputes[DISPUTE].clone();
    assert_eq!((kept.handed_in, kept.files.len()), (1, 0), "it is known again by its notes");
}

#[tokio::test]
async fn a_dispute_that_paypal_does_not_ask_about_yet_is_told_later() {
    let double = with_dispute(Dispute { status: "UNDER_REVIEW", ..Dispute::open() });
    let texts = [text(EvidenceKind::Other, "It was so")];
    for answer in [submitted(&double, &texts).await, paypal(&double).accept_dispute(&to()).await] {
        match answer {
            Err(GatewayError::NotDone(why)) => assert!(why.contains("UNDER_REVIEW"), "{why}"),
            other => panic!("not done expected: {other:?}"),
        }
    }
    double.books().disputes.get_mut(DISPUTE).expect("it is there").status = "WAITING_FOR_SELLER_RESPONSE";
    assert!(matches!(submitted(&double, &texts).await, Ok(ReplyAnswer::Taken)));
}

#[tokio::test]
async fn what_is_wrong_with_the_evidence_is_told_with_what_to_do() {
    let double = with_dispute(Dispute::open());
    double.next(Fault::Refused(400, error("INVALID_REQUEST", "FILE_NOT_READABLE", "/evidences/0")));
    match submitted(&double, &[text(EvidenceKind::Other, "It was so")]).await {
        Ok(ReplyAnswer::Refused(why)) => {
            assert!(why.contains("FILE_NOT_READABLE") && why.contains("Resolution Center"), "{why}");
        }
        other => panic!("refused expected: {other:?}"),
    }
    assert_eq!(double.books().disputes[DISPUTE].handed_in, 0);
}

#[test]
fn files_that_paypal_does_not_take_are_for_a_person() {
    let double = Double::start();
    let paypal = paypal(&double);
    let file = |file_type, size| EvidenceFile {
        kind: EvidenceKind::Other,
        upload: UploadId::from_uuid(uuid::Uuid::from_u128(1)),
        file: DeclaredFile { name: "a".to_owned(), file_type, size, sha256: FileHash([1; 32]) },
    };
    for (files, is_admitted) in [
        (vec![file(FileType::Pdf, 9_999_999), file(FileType::Png, 9_999_999)], true),
        (vec![file(FileType::Jpeg, 10_000_000)], false),
        (vec![file(FileType::Pdf, 7_000_000); 3], false),
        (vec![file(FileType::Text, 1)], false),
    ] {
        assert_eq!(paypal.admit_files(&files).is_ok(), is_admitted, "{files:?}");
    }
}
