//! What the simulated gateway is told of disputes, and what it makes of that.
//!
//! A dispute is answered once, by evidence or by giving in. Evidence that says `winning_evidence` wins it, evidence that says
//! `losing_evidence` loses it, in a text or in a file, and any other is looked at for ever; each is told by callback after
//! the delay.

use async_trait::async_trait;
use tender_domain::disputes::{DisputeStatus, EvidenceFile};
use tender_domain::kernel::StoreError;
use tender_domain::ports::{DisputeReplies, GatewayError, HandedIn, ReplyAnswer, ReplyTo};
use tender_domain::simulator::{BookedCallback, admit_files};

use crate::SimulatorGateway;
use crate::engine::books_away;
use crate::event_body::EventBody;
use crate::fault::Fault;

const WINS: &str = "winning_evidence";
const LOSES: &str = "losing_evidence";

#[async_trait]
impl DisputeReplies for SimulatorGateway {
    fn admit_files(&self, files: &[EvidenceFile]) -> Result<(), String> {
        admit_files(files)
    }

    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError> {
        let says = |word: &str| {
            let has_word = |content: &[u8]| content.windows(word.len()).any(|some| some == word.as_bytes());
            evidence.texts.iter().any(|one| one.text.contains(word))
                || evidence.files.iter().any(|one| has_word(&one.content))
        };
        let standing = match (says(WINS), says(LOSES)) {
            (true, false) => DisputeStatus::Won,
            (_, true) => DisputeStatus::Lost,
            (false, false) => DisputeStatus::UnderReview,
        };
        Ok(self.replied(to, standing).await?)
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        Ok(self.replied(to, DisputeStatus::Lost).await?)
    }
}

impl SimulatorGateway {
    /// Answers a dispute, which then stands so. The same reference again is the same answer.
    async fn replied(&self, to: &ReplyTo, standing: DisputeStatus) -> Result<ReplyAnswer, Fault> {
        let refused = |why: &str| Ok(ReplyAnswer::Refused(why.to_owned()));
        let Some(event_id) = to.dispute_reference.strip_prefix("sim_dp_").map(|id| format!("evt_{id}"))
        else {
            return refused("there is no such dispute");
        };
        let opened = self.booked_callback(to, &format!("{event_id}/1")).await?;
        let opened = opened.and_then(|told| EventBody::parse(told.body.as_bytes()).ok());
        let due = self.clock.now() + self.options.delay;
        let id = format!("{event_id}.answered");
        let Some(body) = opened.and_then(|opened| opened.of_dispute(id.clone(), standing, due)) else {
            return refused("there is no such dispute");
        };
        let callback = self.delivery(&(to.tenant.clone(), body), &to.reference, 1, due);
        let added = self.books.add_callbacks(std::slice::from_ref(&callback)).await;
        added.map_err(|error| books_away(&error))?;
        self.booked.notify_one();
        // Of two answers the first is there.
        match self.booked_callback(to, &callback.id).await? {
            Some(kept) if kept.reference == to.reference => Ok(ReplyAnswer::Taken),
            _ => refused("the dispute was answered before"),
        }
    }

    async fn booked_callback(&self, to: &ReplyTo, id: &str) -> Result<Option<BookedCallback>, Fault> {
        self.books.callback(&to.tenant, id).await.map_err(|error: StoreError| books_away(&error))
    }
}
