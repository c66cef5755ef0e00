//! Where the scripted gateway is told what is replied to disputes.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use tender_domain::disputes::{DisputeReason, EvidenceFile, EvidenceText};
use tender_domain::ports::{DisputeReplies, FileToSend, GatewayError, HandedIn, ReplyAnswer, ReplyTo};

/// One that it was told: under which reference, of which dispute, with which texts.
pub(crate) type ToldReply = (String, String, Vec<(&'static str, String)>);

/// Answers as it is told, then takes everything.
#[derive(Default)]
pub(crate) struct ReplyDesk {
    answers: Mutex<VecDeque<Result<ReplyAnswer, GatewayError>>>,
    told: Mutex<Vec<ToldReply>>,
    closed: Mutex<bool>,
    takes_files: Mutex<bool>,
    takes_no_texts: Mutex<bool>,
    reasons: Mutex<Vec<DisputeReason>>,
    files: Mutex<Vec<FileToSend>>,
}

impl ReplyDesk {
    pub(crate) fn next(&self, answer: Result<ReplyAnswer, GatewayError>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn told(&self) -> Vec<ToldReply> {
        self.told.lock().unwrap().clone()
    }

    /// The gateway takes files from now on.
    pub(crate) fn take_files(&self) {
        *self.takes_files.lock().unwrap() = true;
    }

    /// The gateway takes no texts from now on.
    pub(crate) fn take_no_texts(&self) {
        *self.takes_no_texts.lock().unwrap() = true;
    }

    /// Why the payers disputed what it was told of, each time.
    pub(crate) fn reasons(&self) -> Vec<DisputeReason> {
        self.reasons.lock().unwrap().clone()
    }

    /// The files that it was told, each time.
    pub(crate) fn files(&self) -> Vec<FileToSend> {
        self.files.lock().unwrap().clone()
    }

    /// The gateway can be told nothing from now on.
    pub(crate) fn close(&self) {
        *self.closed.lock().unwrap() = true;
    }

    pub(crate) fn open(&self) -> Option<&dyn DisputeReplies> {
        (!*self.closed.lock().unwrap()).then_some(self as _)
    }

    fn answer(&self, to: &ReplyTo, texts: &[EvidenceText]) -> Result<ReplyAnswer, GatewayError> {
        let texts = texts.iter().map(|one| (one.kind.as_str(), one.text.clone())).collect();
        self.reasons.lock().unwrap().push(to.reason);
        self.told.lock().unwrap().push((to.reference.clone(), to.dispute_reference.clone(), texts));
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(ReplyAnswer::Taken))
    }
}

#[async_trait]
impl DisputeReplies for ReplyDesk {
    fn admit_texts(&self, texts: &[EvidenceText]) -> Result<(), String> {
        match texts.is_empty() || !*self.takes_no_texts.lock().unwrap() {
            true => Ok(()),
            false => Err("it has no such letters".to_owned()),
        }
    }

    fn admit_files(&self, files: &[EvidenceFile]) -> Result<(), String> {
        match files.is_empty() || *self.takes_files.lock().unwrap() {
            true => Ok(()),
            false => Err("it takes no files".to_owned()),
        }
    }

    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError> {
        self.files.lock().unwrap().extend(evidence.files.iter().cloned());
        let answer = self.answer(to, evidence.texts);
        // As an answer takes its time, others go on.
        tokio::task::yield_now().await;
        answer
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        self.answer(to, &[])
    }
}
