//! What PayPal is told of disputes, by its Customer Disputes API: evidence, which is final, or that the merchant gives in.
//!
//! PayPal knows no key here, so that the dispute is looked at first: whether it has our evidence already, and whether it takes
//! any just now. What is refused is looked at once more.

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tender_domain::disputes::{EvidenceFile, EvidenceText};
use tender_domain::ports::{DisputeReplies, GatewayError, HandedIn, ReplyAnswer, ReplyTo};

use super::adapter::PayPalGateway;
use super::evidence::{self, Action, Now, Pack, Shown};
use super::refusal::{Refusal, nothing_sent, object, only_asked};
use super::token::is_id;

/// What PayPal says when something was done with a dispute: what can be done next.
#[derive(Deserialize)]
struct Acted {
    #[serde(rename = "links")]
    _links: Vec<IgnoredAny>,
}

impl PayPalGateway {
    /// A dispute as it stands; none when PayPal knows no such dispute.
    async fn dispute(&self, to: &ReplyTo) -> Result<Option<Shown>, GatewayError> {
        // It has all that was ever said about it.
        let answer = self.connection.report(&evidence::path(to)).await?;
        match object(&answer)? {
            Ok(dispute) => Ok(Some(dispute)),
            Err(refusal) if refusal.is_not_found() => Ok(None),
            Err(refusal) => Err(refusal.error()),
        }
    }

    async fn act(&self, action: Action) -> Result<Result<(), Refusal>, GatewayError> {
        Ok(object::<Acted>(&self.connection.act(action).await?)?.map(drop))
    }

    /// What is refused may have been done before, or may be taken later: the dispute says so.
    async fn refused(
        &self,
        to: &ReplyTo,
        refusal: &Refusal,
        now: impl Fn(&Shown) -> Now,
    ) -> Result<ReplyAnswer, GatewayError> {
        if !refusal.is_of_the_request() {
            return Err(refusal.error());
        }
        let why = refusal.error().to_string();
        Ok(match only_asked(self.dispute(to).await)?.map(|dispute| now(&dispute)) {
            Some(Now::Done) => ReplyAnswer::Taken,
            Some(Now::Waits(waits)) => return Err(GatewayError::NotDone(waits)),
            Some(Now::Over(over)) => ReplyAnswer::Refused(format!("{over}: {why}")),
            Some(Now::Open) | None => ReplyAnswer::Refused(format!(
                "{why}; answer it in PayPal's Resolution Center, or submit other evidence"
            )),
        })
    }
}

fn no_such_dispute() -> ReplyAnswer {
    ReplyAnswer::Refused("PayPal calls no dispute so".to_owned())
}

/// What is known before anything is sent; none when it can be told.
fn before(now: Now) -> Option<Result<ReplyAnswer, GatewayError>> {
    match now {
        Now::Open => None,
        Now::Done => Some(Ok(ReplyAnswer::Taken)),
        Now::Over(why) => Some(Ok(ReplyAnswer::Refused(why))),
        Now::Waits(why) => Some(Err(GatewayError::NotDone(why))),
    }
}

#[async_trait]
impl DisputeReplies for PayPalGateway {
    fn admit_texts(&self, texts: &[EvidenceText]) -> Result<(), String> {
        evidence::admit_texts(texts)
    }

    fn admit_files(&self, files: &[EvidenceFile]) -> Result<(), String> {
        evidence::admit_files(files)
    }

    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError> {
        if !is_id(&to.dispute_reference) {
            return Ok(no_such_dispute());
        }
        let pack = match Pack::of(to, evidence) {
            Ok(pack) => pack,
            Err(why) => return Ok(ReplyAnswer::Refused(why)),
        };
        let Some(dispute) = self.dispute(to).await.map_err(nothing_sent)? else {
            return Ok(no_such_dispute());
        };
        if let Some(answer) = before(dispute.of_evidence(&pack)) {
            return answer;
        }
        for name in pack.types(&dispute) {
            match self.act(pack.provide(to, name)).await? {
                Ok(()) => return Ok(ReplyAnswer::Taken),
                Err(refusal) if refusal.is("EVIDENCE_TYPE_IS_NOT_ALLOWED") && name != evidence::OTHER => {}
                Err(refusal) => {
                    return self.refused(to, &refusal, |dispute| dispute.of_evidence(&pack)).await;
                }
            }
        }
        Err(GatewayError::NotDone("there is no type of evidence to call it".to_owned()))
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        if !is_id(&to.dispute_reference) {
            return Ok(no_such_dispute());
        }
        let Some(dispute) = self.dispute(to).await.map_err(nothing_sent)? else {
            return Ok(no_such_dispute());
        };
        if let Some(answer) = before(dispute.of_acceptance()) {
            return answer;
        }
        match self.act(evidence::accept(to)).await? {
            Ok(()) => Ok(ReplyAnswer::Taken),
            Err(refusal) => self.refused(to, &refusal, Shown::of_acceptance).await,
        }
    }
}
