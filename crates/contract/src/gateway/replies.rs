//! What every gateway promises that is told what merchants reply to disputes.

use std::sync::Arc;

use tender_domain::disputes::{DisputeReason, EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{
    DisputeReplies, FileToSend, GatewayError, HandedIn, PaymentGateway, ReplyAnswer, ReplyTo,
};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType};
use uuid::Uuid;

/// The most effects that one reply asks for, of those here.
const EFFECTS_MAX: usize = 6;
/// Content that is no text, and looks like the end of a part of a form.
const CONTENT: &[u8] = b"%PDF-1.7 \xff\xfe\r\n--tender-\r\n";

/// What befalls an effect that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyTrouble {
    /// It is lost on the way.
    CallLost,
    /// It is done, and its answer is lost.
    AnswerLost,
    /// It is done, and answered with what nobody understands.
    Nonsense,
    /// It is not done, and answered with this status in the gateway's own words: bad credentials, too many requests, or a
    /// failure of its own.
    Status(u16),
}

/// What a gateway has of a dispute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// How often evidence was handed in for good.
    pub handed_in: u32,
    /// How often it was given in to.
    pub given_in: u32,
    /// The contents of the files that were handed in, and of the texts that became files.
    pub files: Vec<Vec<u8>>,
    /// The texts that were handed in as such, in any form.
    pub texts: String,
}

/// A gateway that is told of disputes, with what is needed to put it to the test.
pub struct ReplyRig {
    /// The gateway.
    pub gateway: Arc<dyn PaymentGateway>,
    /// Opens a dispute that waits for the merchant's answer; gives what the gateway calls it.
    pub open: Box<dyn Fn() -> String + Send + Sync>,
    /// The dispute is decided for the merchant.
    pub decide: Box<dyn Fn(&str) + Send + Sync>,
    /// What the gateway has of it.
    pub standing: Box<dyn Fn(&str) -> Standing + Send + Sync>,
    /// What befalls the effect that is asked for after so many others; it takes the place of what was to come before.
    pub trouble: Box<dyn Fn(usize, ReplyTrouble) + Send + Sync>,
    /// Nothing befalls any more.
    pub calm: Box<dyn Fn() + Send + Sync>,
    /// What it calls a dispute that it does not know.
    pub unknown: &'static str,
    /// Whether it shows that it was given in to, so that giving in again is known to have been done.
    pub shows_giving_in: bool,
}

impl ReplyRig {
    fn port(&self) -> &dyn DisputeReplies {
        self.gateway.dispute_replies().expect("it is told of disputes")
    }

    async fn submit(&self, dispute: &str) -> Result<ReplyAnswer, GatewayError> {
        let files = [file()];
        self.port()
            .submit_evidence(&to(dispute, "evidence"), HandedIn { texts: &texts(), files: &files })
            .await
    }

    async fn give_in(&self, dispute: &str) -> Result<ReplyAnswer, GatewayError> {
        self.port().accept_dispute(&to(dispute, "acceptance")).await
    }
}

fn to(dispute: &str, kind: &str) -> ReplyTo {
    ReplyTo {
        tenant: TenantId::sandbox(),
        // Another dispute is another reply.
        reference: format!("dp_{dispute}/{kind}/2"),
        dispute_reference: dispute.to_owned(),
        reason: DisputeReason::ProductNotReceived,
        // As one that had no answer before: whatever the gateway says then is its last word.
        tries: 1,
    }
}

fn texts() -> Vec<EvidenceText> {
    let text = |kind, text: &str| EvidenceText { kind, text: text.to_owned() };
    vec![
        text(EvidenceKind::ServiceDate, "the 4th of May & after"),
        text(EvidenceKind::CustomerName, "Ada Lovelace"),
    ]
}

fn file() -> FileToSend {
    let upload = UploadId::from_uuid(Uuid::from_u128(7));
    let (kind, file_type) = (EvidenceKind::ShippingDate, FileType::Pdf);
    FileToSend { kind, upload, file_type, content: CONTENT.to_vec() }
}

fn declared(file_type: FileType, size: u64) -> EvidenceFile {
    EvidenceFile {
        kind: EvidenceKind::ShippingDate,
        upload: UploadId::from_uuid(Uuid::from_u128(7)),
        file: DeclaredFile { name: "a".to_owned(), file_type, size, sha256: FileHash([1; 32]) },
    }
}

fn assert_taken(answer: &Result<ReplyAnswer, GatewayError>, when: &str) {
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{when}: {answer:?}");
}

/// Evidence is handed in whole and once, however often it is told.
pub async fn evidence_is_handed_in_once_with_its_file(rig: &ReplyRig) {
    let dispute = (rig.open)();
    for time in ["first", "again"] {
        assert_taken(&rig.submit(&dispute).await, time);
        let standing = (rig.standing)(&dispute);
        assert_eq!((standing.handed_in, standing.given_in), (1, 0), "{time}");
        let found = standing.files.iter().filter(|content| **content == CONTENT).count();
        assert_eq!(found, 1, "{time}: the file, to the byte, once");
        // Where texts became a document, it is one more; else they are as they were.
        let as_texts = texts().iter().all(|one| standing.texts.contains(&one.text));
        let as_document = standing.files.iter().any(|content| content.starts_with(b"%PDF-1.7\n"));
        assert!(as_texts || as_document, "{time}: {}", standing.texts);
    }
}

/// Whatever is lost, the same told again has one effect, and is never said to be done or refused before it is known.
pub async fn a_lost_reply_is_unknown_and_told_again_has_one_effect(rig: &ReplyRig) {
    for trouble in [ReplyTrouble::CallLost, ReplyTrouble::AnswerLost, ReplyTrouble::Nonsense] {
        for place in 0..EFFECTS_MAX {
            let dispute = (rig.open)();
            (rig.trouble)(place, trouble);
            let first = rig.submit(&dispute).await;
            (rig.calm)();
            let when = format!("{trouble:?} at effect {place}");
            if first.is_ok() {
                assert!(place > 0, "{when}: nothing befell it");
                assert_taken(&first, &when);
                break;
            }
            assert!(matches!(first, Err(GatewayError::Unknown(_))), "{when}: {first:?}");
            assert_taken(&rig.submit(&dispute).await, &when);
            assert_eq!((rig.standing)(&dispute).handed_in, 1, "{when}");
        }
        let dispute = (rig.open)();
        (rig.trouble)(0, trouble);
        let first = rig.give_in(&dispute).await;
        (rig.calm)();
        assert!(matches!(first, Err(GatewayError::Unknown(_))), "{trouble:?}: {first:?}");
        let again = rig.give_in(&dispute).await;
        if rig.shows_giving_in || trouble == ReplyTrouble::CallLost {
            assert_taken(&again, &format!("{trouble:?}"));
        }
        assert_eq!((rig.standing)(&dispute).given_in, 1, "{trouble:?}: {again:?}");
    }
}

/// Who gives in does so once.
pub async fn giving_in_is_done_once(rig: &ReplyRig) {
    let dispute = (rig.open)();
    assert_taken(&rig.give_in(&dispute).await, "first");
    let again = rig.give_in(&dispute).await.expect("an answer");
    assert_eq!(again == ReplyAnswer::Taken, rig.shows_giving_in, "{again:?}");
    let standing = (rig.standing)(&dispute);
    assert_eq!((standing.handed_in, standing.given_in), (0, 1));
}

/// What is decided takes nothing, and the person is told why.
pub async fn what_is_decided_takes_no_reply(rig: &ReplyRig) {
    let dispute = (rig.open)();
    (rig.decide)(&dispute);
    for answer in [rig.submit(&dispute).await, rig.give_in(&dispute).await] {
        match answer {
            Ok(ReplyAnswer::Refused(why)) => assert!(!why.trim().is_empty()),
            other => panic!("refused expected: {other:?}"),
        }
    }
    let standing = (rig.standing)(&dispute);
    assert_eq!((standing.handed_in, standing.given_in), (0, 0));
}

/// What is no dispute there is refused, and what is no name of one is never a part of an address.
pub async fn what_it_calls_no_dispute_takes_no_reply(rig: &ReplyRig) {
    for name in [rig.unknown, "../payments", "a/b", "a?b=c", ""] {
        for answer in [rig.submit(name).await, rig.give_in(name).await] {
            assert!(matches!(answer, Ok(ReplyAnswer::Refused(_))), "{name}: {answer:?}");
        }
    }
}

/// What is wrong with us, or with the gateway just now, ends no reply.
pub async fn credentials_and_limits_are_no_answer_to_a_dispute(rig: &ReplyRig) {
    let dispute = (rig.open)();
    for status in [401, 403, 429, 500] {
        for gives_in in [false, true] {
            (rig.trouble)(0, ReplyTrouble::Status(status));
            let answer = if gives_in { rig.give_in(&dispute).await } else { rig.submit(&dispute).await };
            (rig.calm)();
            let is_right = match &answer {
                Err(GatewayError::Unknown(_)) => status == 500,
                Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) => status != 500,
                Ok(_) => false,
            };
            assert!(is_right, "{status}: {answer:?}");
        }
    }
    let standing = (rig.standing)(&dispute);
    assert_eq!((standing.handed_in, standing.given_in), (0, 0));
    assert_taken(&rig.submit(&dispute).await, "after all that");
}

/// What it does not take is told before anything is sent.
pub async fn what_it_does_not_take_is_told_before(rig: &ReplyRig) {
    let port = rig.port();
    let ordinary = [declared(FileType::Pdf, 1_000_000)];
    assert_eq!(port.admit_files(&[]), Ok(()));
    assert_eq!(port.admit_files(&ordinary), Ok(()));
    assert_eq!(port.admit_texts(&texts()), Ok(()));
    for unfit in [declared(FileType::Text, 1), declared(FileType::Pdf, 1 << 40)] {
        let told = port.admit_files(&[unfit]).expect_err("it is taken by none of them");
        assert!(!told.is_empty());
    }
}
