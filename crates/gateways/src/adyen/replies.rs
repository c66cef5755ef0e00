//! What Adyen is told of disputes, by its Disputes API: the defence, which is final, or that the merchant gives in.
//!
//! Adyen knows no key here. What was supplied only takes its own place once more; a dispute that was defended says so to
//! whoever asks for its grounds again.

use async_trait::async_trait;
use tender_domain::disputes::{EvidenceFile, EvidenceText};
use tender_domain::ports::{DisputeReplies, GatewayError, HandedIn, ReplyAnswer, ReplyTo};

use super::adapter::AdyenGateway;
use super::defence;
use super::token::is_id;
use crate::letter;
use crate::rest::nothing_sent;

fn no_such_dispute() -> ReplyAnswer {
    ReplyAnswer::Refused("Adyen calls no dispute so".to_owned())
}

#[async_trait]
impl DisputeReplies for AdyenGateway {
    fn admit_texts(&self, texts: &[EvidenceText]) -> Result<(), String> {
        letter::admit(texts)
    }

    fn admit_files(&self, files: &[EvidenceFile]) -> Result<(), String> {
        defence::admit_files(files)
    }

    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError> {
        if !is_id(&to.dispute_reference) {
            return Ok(no_such_dispute());
        }
        let merchant = self.account().merchant;
        let documents = match defence::documents(evidence) {
            Ok(documents) => documents,
            Err(why) => return Ok(ReplyAnswer::Refused(why)),
        };
        let asked = self.connection.dispute(defence::ask_for_grounds(merchant, to)).await;
        let grounds = match asked.and_then(|answer| defence::grounds(&answer)).map_err(nothing_sent)? {
            Ok(grounds) => grounds,
            Err(no) => return no.of_evidence(),
        };
        let defence = match grounds.choose(to.reason, evidence, &documents) {
            Ok(defence) => defence,
            Err(why) => return Ok(ReplyAnswer::Refused(why)),
        };
        let supplied = self.connection.dispute(defence::supply(merchant, to, &defence)).await?;
        if let Err(no) = defence::done(&supplied)? {
            return no.of_evidence();
        }
        let defended = self.connection.dispute(defence::defend(merchant, to, defence.code)).await?;
        match defence::done(&defended)? {
            Ok(()) => Ok(ReplyAnswer::Taken),
            Err(no) => no.of_evidence(),
        }
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        if !is_id(&to.dispute_reference) {
            return Ok(no_such_dispute());
        }
        let accepted = self.connection.dispute(defence::accept(self.account().merchant, to)).await?;
        match defence::done(&accepted)? {
            Ok(()) => Ok(ReplyAnswer::Taken),
            Err(no) => no.of_acceptance(to),
        }
    }
}
