//! What Stripe is told of disputes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tender_contract::gateway::{ReplyRig, ReplyTrouble, Standing};
use tender_domain::disputes::{DisputeReason, EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{
    DisputeReplies, FileToSend, GatewayError, HandedIn, PaymentGateway, ReplyAnswer, ReplyTo,
};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType};

use crate::double::{Double, Fault, error};
use crate::rig::stripe;

fn to(dispute: &str) -> ReplyTo {
    ReplyTo {
        tenant: TenantId::sandbox(),
        reference: "dp_1/evidence/2".to_owned(),
        dispute_reference: dispute.to_owned(),
        reason: DisputeReason::Fraud,
        tries: 0,
    }
}

fn open() -> Value {
    json!({ "object": "dispute", "status": "needs_response", "evidence_details": {
        "submission_count": 0, "has_evidence": false, "past_due": false, "due_by": 1_900_000_000 } })
}

fn rig() -> (ReplyRig, Arc<Double>) {
    let double = Arc::new(Double::start());
    let (opens, decides, stands) = (Arc::clone(&double), Arc::clone(&double), Arc::clone(&double));
    let (troubles, calms) = (Arc::clone(&double), Arc::clone(&double));
    let number = AtomicU32::new(0);
    let rig = ReplyRig {
        gateway: Arc::new(stripe(&double)),
        open: Box::new(move || {
            let name = format!("du_open{}", number.fetch_add(1, Ordering::Relaxed));
            opens.books().disputes.insert(name.clone(), open());
            name
        }),
        decide: Box::new(move |name| {
            decides.books().disputes.get_mut(name).expect("it is there")["status"] = "won".into();
        }),
        standing: Box::new(move |name| standing(&stands, name)),
        trouble: Box::new(move |place, trouble| {
            let mut books = troubles.books();
            books.faults.clear();
            books.faults.extend((0..place).map(|_| Fault::Well));
            books.faults.push_back(match trouble {
                ReplyTrouble::CallLost => Fault::LostBefore,
                ReplyTrouble::AnswerLost => Fault::LostAfter,
                ReplyTrouble::Nonsense => Fault::Nonsense,
                ReplyTrouble::Status(status) => Fault::Refused(status, error("api_error", "", "not now")),
            });
        }),
        calm: Box::new(move || calms.books().faults.clear()),
        unknown: "du_unknown",
        shows_giving_in: true,
    };
    (rig, double)
}

/// What Stripe has of a dispute; the double keeps files for all of them.
fn standing(double: &Double, name: &str) -> Standing {
    let books = double.books();
    let dispute = &books.disputes[name];
    let handed_in =
        dispute["evidence_details"]["submission_count"].as_u64().and_then(|count| count.try_into().ok());
    let bytes =
        |text: &String| text.chars().map(|byte| u8::try_from(u32::from(byte)).expect("a byte")).collect();
    let path = format!("v1/disputes/{name}");
    let fields =
        books.asked.iter().filter(|(asked, _)| *asked == path).flat_map(|(_, fields)| fields.values());
    Standing {
        handed_in: handed_in.expect("a number"),
        given_in: u32::from(dispute["status"] == "lost"),
        files: books.files.values().map(bytes).collect(),
        texts: fields.cloned().collect(),
    }
}

tender_contract::reply_promises!(rig);

fn every_kind() -> Vec<EvidenceText> {
    let text = |kind: &EvidenceKind| EvidenceText { kind: *kind, text: format!("ä & {}", kind.as_str()) };
    EvidenceKind::ALL.iter().map(text).collect()
}

fn handed_in(texts: &[EvidenceText]) -> HandedIn<'_> {
    HandedIn { texts, files: &[] }
}

/// Content that is no text, and looks like the end of a part.
const CONTENT: &[u8] = b"%PDF-1.7 \xff\xfe\r\n--tender-\r\n";

fn file(nth: u128, kind: EvidenceKind, file_type: FileType) -> FileToSend {
    let upload = UploadId::from_uuid(uuid::Uuid::from_u128(nth));
    FileToSend { kind, upload, file_type, content: CONTENT.to_vec() }
}

fn with_dispute(status: &str) -> Double {
    let double = Double::start();
    let dispute = json!({ "id": "du_1", "object": "dispute", "status": status,
        "evidence_details": { "submission_count": 0, "has_evidence": false, "past_due": false, "due_by": 1_900_000_000 } });
    double.books().disputes.insert("du_1".to_owned(), dispute);
    double
}

fn stands(double: &Double) -> (Value, Value) {
    let dispute = double.books().disputes["du_1"].clone();
    (dispute["status"].clone(), dispute["evidence_details"]["submission_count"].clone())
}

#[tokio::test]
async fn evidence_is_handed_in_for_good_in_stripes_own_fields() {
    let double = with_dispute("needs_response");
    let answer = stripe(&double).submit_evidence(&to("du_1"), handed_in(&every_kind())).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
    assert_eq!(stands(&double), (json!("under_review"), json!(1)));
    let (path, fields) = double.last_asked();
    assert_eq!((path.as_str(), fields["submit"].as_str()), ("v1/disputes/du_1", "true"));
    assert_eq!(fields["evidence[customer_email_address]"], "ä & customer_email");
    assert_eq!(fields.len(), EvidenceKind::ALL.len() + 1, "no two kinds share a field: {fields:?}");
    assert!(stripe(&double).dispute_replies().is_some());
}

#[tokio::test]
async fn a_lost_answer_is_told_by_the_same_call_again_and_had_one_effect() {
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Nonsense] {
        let double = with_dispute("needs_response");
        let stripe = stripe(&double);
        double.next(fault);
        let lost = stripe.submit_evidence(&to("du_1"), handed_in(&every_kind())).await;
        assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{lost:?}");
        let again = stripe.submit_evidence(&to("du_1"), handed_in(&every_kind())).await;
        assert!(matches!(again, Ok(ReplyAnswer::Taken)), "{again:?}");
        assert_eq!(stands(&double), (json!("under_review"), json!(1)));
    }
}

#[tokio::test]
async fn giving_in_closes_the_dispute() {
    let double = with_dispute("needs_response");
    let answer = stripe(&double).accept_dispute(&to("du_1")).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
    assert_eq!(double.last_asked().0, "v1/disputes/du_1/close");
    assert_eq!(stands(&double).0, "lost");
}

#[tokio::test]
async fn a_refusal_is_final_unless_the_dispute_shows_that_it_was_done_before() {
    let closed =
        || Fault::Refused(400, error("invalid_request_error", "", "This dispute is already closed."));
    for (status, evidence_taken, giving_in_taken) in [
        ("won", false, false),
        ("lost", false, true),
        ("under_review", true, false),
        ("needs_response", false, false),
    ] {
        let double = with_dispute(status);
        let stripe = stripe(&double);
        double.next(closed());
        let evidence =
            stripe.submit_evidence(&to("du_1"), handed_in(&every_kind())).await.expect("an answer");
        assert_eq!(evidence == ReplyAnswer::Taken, evidence_taken, "{status}: {evidence:?}");
        double.next(closed());
        let giving_in = stripe.accept_dispute(&to("du_1")).await.expect("an answer");
        assert_eq!(giving_in == ReplyAnswer::Taken, giving_in_taken, "{status}: {giving_in:?}");
    }
    // Stripe knows no such dispute.
    let double = with_dispute("needs_response");
    for name in ["du_2", "../payouts", "", "sim_dp_1"] {
        let answer = stripe(&double).accept_dispute(&to(name)).await;
        assert!(matches!(answer, Ok(ReplyAnswer::Refused(_))), "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn credentials_and_limits_are_no_answer_to_the_dispute() {
    for status in [401, 403, 429] {
        let double = with_dispute("needs_response");
        double.next(Fault::Refused(status, error("invalid_request_error", "", "not now")));
        let answer = stripe(&double).accept_dispute(&to("du_1")).await;
        let not_done = matches!(answer, Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)));
        assert!(not_done, "{status}: {answer:?}");
    }
    let double = with_dispute("needs_response");
    double.next(Fault::Refused(500, error("api_error", "", "boom")));
    let answer = stripe(&double).accept_dispute(&to("du_1")).await;
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{answer:?}");
}

#[tokio::test]
async fn files_are_uploaded_and_named_in_the_fields_that_take_them() {
    let double = with_dispute("needs_response");
    let files = [
        file(1, EvidenceKind::ShippingDate, FileType::Pdf),
        file(2, EvidenceKind::CustomerEmail, FileType::Png),
        file(3, EvidenceKind::Other, FileType::Jpeg),
    ];
    let evidence = HandedIn { texts: &every_kind(), files: &files };
    let answer = stripe(&double).submit_evidence(&to("du_1"), evidence).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
    let (_, fields) = double.last_asked();
    let content: String = CONTENT.iter().map(|byte| char::from(*byte)).collect();
    let uploaded = double.books().files.clone();
    assert_eq!(uploaded.len(), 3);
    for field in ["shipping_documentation", "customer_communication", "uncategorized_file"] {
        assert_eq!(
            uploaded[&fields[&format!("evidence[{field}]")]],
            content,
            "{field}: as it was, to the byte"
        );
    }
}

#[tokio::test]
async fn a_file_whose_answer_is_lost_is_uploaded_once_by_its_key() {
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Nonsense] {
        let double = with_dispute("needs_response");
        let stripe = stripe(&double);
        let files = [file(1, EvidenceKind::Other, FileType::Pdf)];
        let evidence = HandedIn { texts: &[], files: &files };
        double.next(fault);
        let lost = stripe.submit_evidence(&to("du_1"), evidence).await;
        assert!(matches!(lost, Err(GatewayError::Unknown(_))), "{lost:?}");
        assert_eq!(stands(&double).1, json!(0), "nothing was handed in");
        let again = stripe.submit_evidence(&to("du_1"), evidence).await;
        assert!(matches!(again, Ok(ReplyAnswer::Taken)), "{again:?}");
        let files = double.books().files.len();
        assert_eq!((files, stands(&double).1), (1, json!(1)));
    }
}

#[tokio::test]
async fn a_file_that_is_refused_hands_in_nothing_unless_all_was_done_before() {
    let unreadable = || Fault::Refused(400, error("invalid_request_error", "", "The file cannot be read."));
    for (status, is_taken) in [("needs_response", false), ("under_review", true)] {
        let double = with_dispute(status);
        double.next(unreadable());
        let files = [file(1, EvidenceKind::Other, FileType::Pdf)];
        let evidence = HandedIn { texts: &[], files: &files };
        let answer = stripe(&double).submit_evidence(&to("du_1"), evidence).await.expect("an answer");
        assert_eq!(answer == ReplyAnswer::Taken, is_taken, "{status}: {answer:?}");
        assert_eq!(stands(&double), (json!(status), json!(0)));
    }
}

#[test]
fn files_that_stripe_has_no_field_for_or_takes_not_are_for_a_person() {
    let double = Double::start();
    let stripe = stripe(&double);
    let file = |nth, kind, file_type, size| EvidenceFile {
        kind,
        upload: UploadId::from_uuid(uuid::Uuid::from_u128(nth)),
        file: DeclaredFile { name: "a".to_owned(), file_type, size, sha256: FileHash([1; 32]) },
    };
    use EvidenceKind as K;
    let one = file(1, K::Other, FileType::Pdf, 4_000_000);
    for (other, is_admitted) in [
        (file(2, K::RefundPolicyDisclosure, FileType::Png, 500_000), true),
        (file(2, K::RefundPolicyDisclosure, FileType::Png, 500_001), false),
        (file(2, K::RefundPolicyDisclosure, FileType::Text, 1), false),
        (file(2, K::ActivityLog, FileType::Png, 1), false),
    ] {
        let admitted = stripe.admit_files(&[one.clone(), other.clone()]);
        assert_eq!(admitted.is_ok(), is_admitted, "{other:?}: {admitted:?}");
    }
    assert_eq!(stripe.admit_files(&[]), Ok(()));
}
