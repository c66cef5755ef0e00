//! What Adyen is told of disputes.

use std::sync::Arc;

use serde_json::json;
use tender_contract::gateway::{ReplyRig, ReplyTrouble, Standing};
use tender_domain::disputes::{DisputeReason, EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{DisputeReplies, FileToSend, GatewayError, HandedIn, ReplyAnswer, ReplyTo};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType};

use crate::double::{Dispute, Double, Fault, error};
use crate::rig::adyen;

fn rig() -> (ReplyRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (opens, decides, stands) = (Arc::clone(&double), Arc::clone(&double), Arc::clone(&double));
    let (troubles, calms) = (Arc::clone(&double), Arc::clone(&double));
    let rig = ReplyRig {
        gateway: Arc::new(adyen(&double)),
        open: Box::new(move || {
            let mut books = opens.books();
            let name = books.id("DSP");
            books.disputes.insert(name.clone(), Dispute::open());
            name
        }),
        decide: Box::new(move |name| {
            decides.books().disputes.get_mut(name).expect("it is there").over =
                Some("Dispute is not defendable");
        }),
        standing: Box::new(move |name| {
            let dispute = stands.books().disputes[name].clone();
            let (handed_in, given_in) = (dispute.handed_in, dispute.given_in);
            let files = dispute.documents.into_values().collect();
            Standing { handed_in, given_in, files, texts: String::new() }
        }),
        trouble: Box::new(move |place, trouble| {
            let mut books = troubles.books();
            books.faults.clear();
            books.faults.extend((0..place).map(|_| Fault::Well));
            books.faults.push_back(match trouble {
                ReplyTrouble::CallLost => Fault::LostBefore,
                ReplyTrouble::AnswerLost => Fault::LostAfter,
                ReplyTrouble::Nonsense => Fault::Nonsense,
                ReplyTrouble::Status(status) => Fault::Refused(status, error(status, "010", "no")),
            });
        }),
        calm: Box::new(move || calms.books().faults.clear()),
        unknown: "DSPUNKNOWN000001",
        shows_giving_in: false,
    };
    (rig, double)
}

tender_contract::reply_promises!(rig);

const DISPUTE: &str = "DZ4DPSHB4WD2WN82";

fn with_dispute(dispute: Dispute) -> Double {
    let double = Double::start();
    double.books().disputes.insert(DISPUTE.to_owned(), dispute);
    double
}

fn to(reason: DisputeReason) -> ReplyTo {
    ReplyTo {
        tenant: TenantId::sandbox(),
        reference: "dp_1/evidence/2".to_owned(),
        dispute_reference: DISPUTE.to_owned(),
        reason,
        tries: 0,
    }
}

fn text(kind: EvidenceKind, text: &str) -> EvidenceText {
    EvidenceText { kind, text: text.to_owned() }
}

fn jpeg(nth: u128, kind: EvidenceKind) -> FileToSend {
    let upload = UploadId::from_uuid(uuid::Uuid::from_u128(nth));
    FileToSend { kind, upload, file_type: FileType::Jpeg, content: format!("picture {nth}").into_bytes() }
}

#[tokio::test]
async fn a_dispute_is_defended_on_the_ground_that_answers_its_reason_with_its_documents() {
    let shipped =
        ("MerchandiseReceived", vec![("ProofOfDelivery", "Required"), ("TIDorInvoice", "Required")]);
    let mut dispute = Dispute::open();
    dispute.grounds.insert(0, ("InvalidChargeback", vec![("Anything", "Optional")]));
    dispute.grounds.push(shipped);
    let double = with_dispute(dispute);
    let texts = [text(EvidenceKind::ShippingTrackingNumber, "RB123456785GB")];
    let files = [jpeg(1, EvidenceKind::ProductDescription)];
    let evidence = HandedIn { texts: &texts, files: &files };
    let answer = adyen(&double).submit_evidence(&to(DisputeReason::ProductNotReceived), evidence).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
    let kept = double.books().disputes[DISPUTE].clone();
    assert_eq!(kept.defended.as_deref(), Some("MerchandiseReceived"));
    assert_eq!(kept.documents["TIDorInvoice"], b"picture 1");
    assert!(kept.documents["ProofOfDelivery"].starts_with(b"%PDF-1.7\n"), "the texts are a document");
    assert_eq!(kept.documents.len(), 2);
}

#[tokio::test]
async fn evidence_that_fits_no_ground_is_refused_with_what_adyen_wants_and_nothing_is_handed_in() {
    let double = with_dispute(Dispute::open());
    let files = [1, 2, 3].map(|nth| jpeg(nth, EvidenceKind::Other));
    let evidence = HandedIn { texts: &[], files: &files };
    match adyen(&double).submit_evidence(&to(DisputeReason::Fraud), evidence).await {
        Ok(ReplyAnswer::Refused(why)) => assert!(why.contains("Required DefenseMaterial"), "{why}"),
        other => panic!("refused expected: {other:?}"),
    }
    let kept = double.books().disputes[DISPUTE].clone();
    assert!(kept.documents.is_empty() && kept.handed_in == 0);
}

#[tokio::test]
async fn what_adyen_does_not_take_is_told_with_where_to_look_and_what_it_could_not_do_is_told_again() {
    for (said, is_final) in [
        ("Dispute expired.", true),
        ("Dispute is not defendable", true),
        ("Error retrieving dispute.", false),
        ("Failed to store defense documents", false),
    ] {
        let double = with_dispute(Dispute { over: Some(said), ..Dispute::open() });
        let adyen = adyen(&double);
        let texts = [text(EvidenceKind::Other, "It was so")];
        let evidence = HandedIn { texts: &texts, files: &[] };
        for answer in [
            adyen.submit_evidence(&to(DisputeReason::Fraud), evidence).await,
            adyen.accept_dispute(&to(DisputeReason::Fraud)).await,
        ] {
            match answer {
                Ok(ReplyAnswer::Refused(why)) if is_final => {
                    assert!(why.contains(said) && why.contains("Customer Area"), "{why}");
                }
                Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) if !is_final => {}
                other => panic!("{said}: {other:?}"),
            }
        }
    }
    // A request that is refused as such is no better when it is sent again.
    let double = with_dispute(Dispute::open());
    double.next(Fault::Refused(422, error(422, "702", "Structure of DefendDisputeRequest")));
    let answer = adyen(&double).accept_dispute(&to(DisputeReason::Fraud)).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Refused(_))), "{answer:?}");
    // Nor is one of somebody between us known to be refused.
    double.next(Fault::Refused(403, json!({"go": "away"})));
    let answer = adyen(&double).accept_dispute(&to(DisputeReason::Fraud)).await;
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
}

#[tokio::test]
async fn giving_in_that_another_process_told_just_now_is_not_refused_at_once() {
    let double = with_dispute(Dispute::open());
    let (first, second) = (to(DisputeReason::Fraud), to(DisputeReason::Fraud));
    assert!(matches!(adyen(&double).accept_dispute(&first).await, Ok(ReplyAnswer::Taken)));
    let answer = adyen(&double).accept_dispute(&second).await;
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "the first has heard of it: {answer:?}");
    // Told again nevertheless, it is somebody else's answer, or ours that was lost.
    let answer = adyen(&double).accept_dispute(&ReplyTo { tries: 1, ..second }).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Refused(_))), "{answer:?}");
    assert_eq!(double.books().disputes[DISPUTE].given_in, 1);
}

#[test]
fn files_that_adyen_does_not_take_are_for_a_person_and_so_are_texts_in_other_letters() {
    let double = Double::start();
    let adyen = adyen(&double);
    let file = |file_type, size| EvidenceFile {
        kind: EvidenceKind::Other,
        upload: UploadId::from_uuid(uuid::Uuid::from_u128(1)),
        file: DeclaredFile { name: "a".to_owned(), file_type, size, sha256: FileHash([1; 32]) },
    };
    for (files, is_admitted) in [
        (vec![file(FileType::Pdf, 2_000_000), file(FileType::Jpeg, 10_000_000)], true),
        (vec![file(FileType::Pdf, 2_000_001)], false),
        (vec![file(FileType::Jpeg, 10_000_001)], false),
        (vec![file(FileType::Png, 1)], false),
        (vec![file(FileType::Pdf, 1); 4], false),
    ] {
        assert_eq!(adyen.admit_files(&files).is_ok(), is_admitted, "{files:?}");
    }
    assert_eq!(adyen.admit_texts(&[text(EvidenceKind::Other, "Zürich, 5 €")]), Ok(()));
    let told = adyen.admit_texts(&[text(EvidenceKind::CustomerName, "Łukasz")]).expect_err("no such letter");
    assert!(told.contains("customer_name"), "{told}");
}
