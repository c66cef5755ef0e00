//! What Square is told of disputes, by its Disputes API: evidence, piece by piece, which is then handed in for good, or that the
//! merchant gives in.
//!
//! Each piece has a key. Handing in and giving in have none, so that the dispute is looked at first, and once more when
//! something is refused.

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use tender_domain::disputes::{EvidenceFile, EvidenceText};
use tender_domain::ports::{DisputeReplies, GatewayError, HandedIn, ReplyAnswer, ReplyTo};

use super::adapter::SquareGateway;
use super::answer::{problems, refusal};
use super::call::WHO;
use super::evidence::{self, Piece, Standing, WithDispute, WithEvidence};
use super::token::is_id;
use crate::rest::{Response, nothing_sent, only_asked};
use crate::said::unknown;

/// Whether a reply was had, by how the dispute stands.
type IsDone = fn(&Standing) -> bool;

fn no_such_dispute() -> ReplyAnswer {
    ReplyAnswer::Refused("Square calls no dispute so".to_owned())
}

/// The object of a success; else why the request as such is refused.
fn read<T: DeserializeOwned>(response: &Response) -> Result<Result<T, String>, GatewayError> {
    if response.is_success() {
        return response.json(WHO).map(Ok);
    }
    let error = refusal(response, &problems(response)?);
    let is_of_the_request = response.is_definite_refusal() && !matches!(response.status, 401 | 403 | 429);
    if is_of_the_request { Ok(Err(error.to_string())) } else { Err(error) }
}

impl SquareGateway {
    /// A dispute as it stands; none when Square knows no such dispute.
    async fn standing(&self, to: &ReplyTo) -> Result<Option<Standing>, GatewayError> {
        let answer = self.connection.get(&evidence::path(to)).await?;
        if answer.status == 404 {
            return problems(&answer).map(|_| None);
        }
        match read::<WithDispute>(&answer)? {
            Ok(shown) => Ok(Some(shown.dispute)),
            Err(why) => Err(GatewayError::NotDone(why)),
        }
    }

    /// What is known of a reply before it is told; none when it can be.
    async fn before(&self, to: &ReplyTo, is_done: IsDone) -> Result<Option<ReplyAnswer>, GatewayError> {
        let Some(standing) = self.standing(to).await.map_err(nothing_sent)? else {
            return Ok(Some(no_such_dispute()));
        };
        if is_done(&standing) {
            return Ok(Some(ReplyAnswer::Taken));
        }
        let state = &standing.state;
        match (standing.is_open(), standing.is_over()) {
            (true, _) => Ok(None),
            (false, true) => Ok(Some(ReplyAnswer::Refused(format!(
                "the dispute is {state} at Square, and takes no answer"
            )))),
            (false, false) => Err(nothing_sent(unknown(&format!("the dispute is {state} at Square")))),
        }
    }

    /// What is refused may have been done before: the dispute says so.
    async fn refused(&self, to: &ReplyTo, why: &str, is_done: IsDone) -> Result<ReplyAnswer, GatewayError> {
        let standing = only_asked(self.standing(to).await)?;
        if standing.as_ref().is_some_and(is_done) {
            return Ok(ReplyAnswer::Taken);
        }
        let state = standing.map_or_else(|| "not known".to_owned(), |standing| standing.state);
        Ok(ReplyAnswer::Refused(format!(
            "Square: {why}; the dispute is {state} there: submit other evidence, or answer it in Square's dashboard"
        )))
    }

    /// What a call that ends a reply came to.
    async fn ended(
        &self,
        to: &ReplyTo,
        answer: &Response,
        is_done: IsDone,
    ) -> Result<ReplyAnswer, GatewayError> {
        match read::<WithDispute>(answer)? {
            Ok(shown) if is_done(&shown.dispute) => Ok(ReplyAnswer::Taken),
            Ok(shown) => {
                Err(unknown(&format!("the dispute is {} at Square after it was told", shown.dispute.state)))
            }
            Err(why) => self.refused(to, &why, is_done).await,
        }
    }
}

#[async_trait]
impl DisputeReplies for SquareGateway {
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
        let pieces = match evidence::pieces(to, evidence) {
            Ok(pieces) => pieces,
            Err(why) => return Ok(ReplyAnswer::Refused(why)),
        };
        if let Some(answer) = self.before(to, Standing::has_evidence).await? {
            return Ok(answer);
        }
        for piece in pieces {
            let answer = match piece {
                Piece::Text(request) => self.connection.post(request).await?,
                Piece::File(upload) => self.connection.upload(upload).await?,
            };
            if let Err(why) = read::<WithEvidence>(&answer)? {
                return self.refused(to, &why, Standing::has_evidence).await;
            }
        }
        let submitted = self.connection.post(evidence::submit(to)).await?;
        self.ended(to, &submitted, Standing::has_evidence).await
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        if !is_id(&to.dispute_reference) {
            return Ok(no_such_dispute());
        }
        if let Some(answer) = self.before(to, Standing::is_given_in).await? {
            return Ok(answer);
        }
        let accepted = self.connection.post(evidence::accept(to)).await?;
        self.ended(to, &accepted, Standing::is_given_in).await
    }
}
