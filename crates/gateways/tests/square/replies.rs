//! What Square is told of disputes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tender_contract::gateway::{ReplyRig, ReplyTrouble, Standing};
use tender_domain::disputes::{DisputeReason, EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{DisputeReplies, FileToSend, GatewayError, HandedIn, ReplyAnswer, ReplyTo};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType};

use crate::disputed::Dispute;
use crate::rig::{Double, square};
use crate::rules::error;
use crate::standin::Fault;

fn rig() -> (ReplyRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (opens, decides, stands) = (Arc::clone(&double), Arc::clone(&double), Arc::clone(&double));
    let (troubles, calms) = (Arc::clone(&double), Arc::clone(&double));
    let number = AtomicU32::new(0);
    let rig = ReplyRig {
        gateway: Arc::new(square(&double)),
        open: Box::new(move || {
            let name = format!("DISPUTE{}", number.fetch_add(1, Ordering::Relaxed));
            opens.kept().rules.disputes.kept.insert(name.clone(), Dispute::open());
            name
        }),
        decide: Box::new(move |name| {
            decides.kept().rules.disputes.kept.get_mut(name).expect("it is there").state = "WON";
        }),
        standing: Box::new(move |name| {
            let dispute = stands.kept().rules.disputes.kept[name].clone();
            let (handed_in, given_in) = (dispute.handed_in, dispute.given_in);
            let files = dispute.files.into_iter().map(|(_, content)| content).collect();
            let texts = dispute.texts.into_iter().map(|(_, text)| text).collect();
            Standing { handed_in, given_in, files, texts }
        }),
        trouble: Box::new(move |place, trouble| {
            let fault = match trouble {
                ReplyTrouble::CallLost => Fault::LostBefore,
                ReplyTrouble::AnswerLost => Fault::LostAfter,
                ReplyTrouble::Nonsense => Fault::Nonsense,
                ReplyTrouble::Status(status) => {
                    Fault::Refused(status, error("API_ERROR", "NOT_NOW", "-", "no"))
                }
            };
            troubles.only((0..place).map(|_| Fault::Well).chain([fault]));
        }),
        calm: Box::new(move || calms.only([])),
        unknown: "DISPUTEunknown",
        shows_giving_in: true,
    };
    (rig, double)
}

tender_contract::reply_promises!(rig);

const DISPUTE: &str = "bVTprrwk0gygTLZ96VX1oB";

fn with_dispute(dispute: Dispute) -> Double {
    let double = Double::start();
    double.kept().rules.disputes.kept.insert(DISPUTE.to_owned(), dispute);
    double
}

fn to() -> ReplyTo {
    ReplyTo {
        tenant: TenantId::sandbox(),
        reference: "dp_1/evidence/2".to_owned(),
        dispute_reference: DISPUTE.to_owned(),
        reason: DisputeReason::Fraud,
        tries: 0,
    }
}

fn text(kind: EvidenceKind, text: &str) -> EvidenceText {
    EvidenceText { kind, text: text.to_owned() }
}

#[tokio::test]
async fn every_kind_of_text_and_file_has_a_type_and_what_is_too_long_for_a_text_is_a_document() {
    let double = with_dispute(Dispute::open());
    let mut texts: Vec<EvidenceText> =
        EvidenceKind::ALL.iter().map(|kind| text(*kind, &format!("ä & {}", kind.as_str()))).collect();
    let long = "It was used on each of these days. ".repeat(40);
    texts.iter_mut().find(|one| one.kind == EvidenceKind::ActivityLog).expect("it is there").text = long;
    let files: Vec<FileToSend> = (1..)
        .zip(EvidenceKind::ALL.iter())
        .map(|(nth, kind)| FileToSend {
            kind: *kind,
            upload: UploadId::from_uuid(uuid::Uuid::from_u128(nth)),
            file_type: FileType::Png,
            content: format!("picture {nth}").into_bytes(),
        })
        .collect();
    let evidence = HandedIn { texts: &texts, files: &files };
    let answer = square(&double).submit_evidence(&to(), evidence).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
    let kept = double.kept().rules.disputes.kept[DISPUTE].clone();
    assert_eq!((kept.state, kept.handed_in), ("PROCESSING", 1));
    assert_eq!(kept.files.len(), files.len() + 1);
    let document = kept.files.iter().find(|(_, content)| content.starts_with(b"%PDF-1.7\n"));
    assert_eq!(document.map(|(name, _)| name.as_str()), Some("ONLINE_OR_APP_ACCESS_LOG"));
    let said: String = kept.texts.iter().map(|(_, text)| text.as_str()).collect();
    for one in texts.iter().filter(|one| one.kind != EvidenceKind::ActivityLog) {
        assert!(said.contains(&one.text), "{}: {said}", one.text);
    }
}

#[tokio::test]
async fn a_piece_that_is_refused_hands_in_nothing_unless_all_was_done_before() {
    for (state, is_taken) in [("EVIDENCE_REQUIRED", false), ("PROCESSING", true), ("LOST", false)] {
        let double = with_dispute(Dispute::open());
        let texts = [text(EvidenceKind::Other, "It was so")];
        let refused = error("INVALID_REQUEST_ERROR", "BAD_REQUEST", "evidence_text", "no");
        double.next(Fault::Refused(400, refused));
        double.kept().rules.disputes.kept.get_mut(DISPUTE).expect("it is there").state = state;
        match square(&double).submit_evidence(&to(), HandedIn { texts: &texts, files: &[] }).await {
            Ok(ReplyAnswer::Taken) => assert!(is_taken, "{state}"),
            Ok(ReplyAnswer::Refused(why)) => assert!(!is_taken && why.contains(state), "{why}"),
            other => panic!("{state}: {other:?}"),
        }
        assert_eq!(double.kept().rules.disputes.kept[DISPUTE].handed_in, 0);
    }
}

#[tokio::test]
async fn what_is_lost_was_given_in_to_and_what_was_answered_with_evidence_was_not() {
    for (state, is_taken) in [("ACCEPTED", true), ("LOST", true), ("WON", false), ("PROCESSING", false)] {
        let double = with_dispute(Dispute { state, ..Dispute::open() });
        let answer = square(&double).accept_dispute(&to()).await.expect("an answer");
        assert_eq!(answer == ReplyAnswer::Taken, is_taken, "{state}: {answer:?}");
    }
}

#[tokio::test]
async fn a_dispute_in_a_state_that_nobody_here_knows_is_told_later() {
    let double = with_dispute(Dispute { state: "ASLEEP", ..Dispute::open() });
    let texts = [text(EvidenceKind::Other, "It was so")];
    let evidence = HandedIn { texts: &texts, files: &[] };
    for answer in
        [square(&double).submit_evidence(&to(), evidence).await, square(&double).accept_dispute(&to()).await]
    {
        assert!(matches!(answer, Err(GatewayError::NotNow(_))), "{answer:?}");
    }
    assert!(double.kept().asked.is_empty(), "nothing was asked for");
}

#[test]
fn files_that_square_does_not_take_are_for_a_person_and_so_are_long_texts_in_other_letters() {
    let double = Double::start();
    let square = square(&double);
    let file = |file_type, size| EvidenceFile {
        kind: EvidenceKind::Other,
        upload: UploadId::from_uuid(uuid::Uuid::from_u128(1)),
        file: DeclaredFile { name: "a".to_owned(), file_type, size, sha256: FileHash([1; 32]) },
    };
    for (files, is_admitted) in [
        (vec![file(FileType::Pdf, 5_000_000), file(FileType::Png, 1)], true),
        (vec![file(FileType::Jpeg, 5_000_001)], false),
        (vec![file(FileType::Pdf, 4_500_000); 5], false),
        (vec![file(FileType::Text, 1)], false),
    ] {
        assert_eq!(square.admit_files(&files).is_ok(), is_admitted, "{files:?}");
    }
    assert_eq!(square.admit_texts(&[text(EvidenceKind::Other, "Łódź")]), Ok(()));
    assert!(square.admit_texts(&[text(EvidenceKind::Other, &"Łódź ".repeat(200))]).is_err());
}
