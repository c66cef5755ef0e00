//! What the simulated gateway makes of evidence and of giving in.

use tender_domain::disputes::{DisputeReason, DisputeStatus, EvidenceKind, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{
    DisputeReplies, FileToSend, GatewayFact, HandedIn, PaymentGateway, ReplyAnswer, ReplyTo,
};
use tender_domain::uploads::FileType;

use crate::scripts::{DELAY, Rig, authorization};

fn says(text: &str) -> Vec<EvidenceText> {
    vec![EvidenceText { kind: EvidenceKind::Other, text: text.to_owned() }]
}

fn texts(texts: &[EvidenceText]) -> HandedIn<'_> {
    HandedIn { texts, files: &[] }
}

/// A dispute that was told of, and what the simulator calls it.
async fn disputed(rig: &Rig, attempt: &str) -> String {
    rig.simulator.authorize(&authorization(attempt, "tok_dispute", true)).await.expect("taken");
    rig.clock.advance(DELAY);
    standings(rig).await.pop().expect("it is told").0
}

/// The disputes that were told of, and how they stood.
async fn standings(rig: &Rig) -> Vec<(String, DisputeStatus)> {
    let told = rig.told().await.into_iter();
    let disputes = told.filter_map(|(_, fact)| match fact {
        GatewayFact::Disputed(told) => Some((told.dispute.processor_reference?, told.standing)),
        _ => None,
    });
    disputes.collect()
}

fn to(reference: &str, dispute: &str) -> ReplyTo {
    ReplyTo {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        dispute_reference: dispute.to_owned(),
        reason: DisputeReason::Fraud,
        tries: 0,
    }
}

#[tokio::test]
async fn evidence_decides_a_dispute_by_what_it_says_and_is_told_after_the_delay() {
    for (text, standing) in [
        ("this is winning_evidence", DisputeStatus::Won),
        ("losing_evidence", DisputeStatus::Lost),
        ("a receipt", DisputeStatus::UnderReview),
    ] {
        let rig = Rig::new();
        let dispute = disputed(&rig, "att_1").await;
        let to = to("dp_1/evidence/2", &dispute);
        for _ in 0..2 {
            let answer = rig.simulator.submit_evidence(&to, texts(&says(text))).await;
            assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
        }
        assert_eq!(standings(&rig).await.len(), 1, "not yet");
        rig.clock.advance(DELAY);
        let told = standings(&rig).await;
        assert_eq!(told[1..], [(dispute, standing)], "once, however often it is handed in");
    }
}

#[tokio::test]
async fn giving_in_loses_a_dispute_and_one_is_answered_once() {
    let rig = Rig::new();
    let dispute = disputed(&rig, "att_1").await;
    let given_in = rig.simulator.accept_dispute(&to("dp_1/acceptance/2", &dispute)).await;
    assert!(matches!(given_in, Ok(ReplyAnswer::Taken)), "{given_in:?}");
    let late = rig
        .simulator
        .submit_evidence(&to("dp_1/evidence/3", &dispute), texts(&says("winning_evidence")))
        .await;
    assert!(matches!(late, Ok(ReplyAnswer::Refused(_))), "{late:?}");
    rig.clock.advance(DELAY);
    assert_eq!(standings(&rig).await[1..], [(dispute, DisputeStatus::Lost)]);
}

#[tokio::test]
async fn what_is_no_dispute_of_the_tenants_is_refused() {
    let rig = Rig::new();
    let dispute = disputed(&rig, "att_1").await;
    let another = ReplyTo { tenant: "somebody-else".parse().expect("a tenant"), ..to("r", &dispute) };
    for to in [to("r", "sim_dp_none"), to("r", "du_1"), to("r", ""), another] {
        let answer = rig.simulator.accept_dispute(&to).await;
        assert!(matches!(answer, Ok(ReplyAnswer::Refused(_))), "{to:?}: {answer:?}");
    }
    rig.clock.advance(DELAY);
    assert_eq!(standings(&rig).await.len(), 1);
}

#[tokio::test]
async fn a_file_decides_a_dispute_as_a_text_does() {
    let rig = Rig::new();
    let dispute = disputed(&rig, "att_1").await;
    let letter = FileToSend {
        kind: EvidenceKind::Other,
        upload: "up_00000000000000000000000001".parse::<UploadId>().expect("an id"),
        file_type: FileType::Text,
        content: b"\xff here is winning_evidence".to_vec(),
    };
    let evidence = HandedIn { texts: &[], files: std::slice::from_ref(&letter) };
    let answer = rig.simulator.submit_evidence(&to("dp_1/evidence/2", &dispute), evidence).await;
    assert!(matches!(answer, Ok(ReplyAnswer::Taken)), "{answer:?}");
    rig.clock.advance(DELAY);
    assert_eq!(standings(&rig).await[1..], [(dispute, DisputeStatus::Won)]);
}
