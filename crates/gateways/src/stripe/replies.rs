//! What Stripe is told of disputes: evidence, which is final, or that the merchant gives in
//! (<https://docs.stripe.com/api/disputes/update>, <https://docs.stripe.com/api/disputes/close>).

use async_trait::async_trait;
use serde::Deserialize;
use tender_domain::disputes::{EvidenceFile, EvidenceKind};
use tender_domain::ports::{DisputeReplies, FileToSend, GatewayError, HandedIn, ReplyAnswer, ReplyTo};

use super::adapter::StripeGateway;
use super::files::{self, FileUpload, Uploaded};
use super::refusal::{Refusal, object, only_asked};
use super::request::{self, Request};
use super::token::is_id;

/// As much of a dispute as says whether it was replied to.
#[derive(Deserialize)]
struct Replied {
    status: String,
    evidence_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    submission_count: u32,
}

impl Replied {
    /// Whether evidence was handed in.
    fn has_evidence(&self) -> bool {
        let handed_in = self.evidence_details.as_ref().is_some_and(|details| details.submission_count > 0);
        handed_in || matches!(self.status.as_str(), "under_review" | "warning_under_review")
    }

    /// Whether it was given in: then it is lost, and an inquiry closed.
    fn is_closed(&self) -> bool {
        matches!(self.status.as_str(), "lost" | "warning_closed")
    }
}

impl StripeGateway {
    /// Asks for an effect on a dispute, and reads from the dispute that it was had.
    async fn replied(
        &self,
        to: &ReplyTo,
        asked: Request,
        is_done: fn(&Replied) -> bool,
    ) -> Result<ReplyAnswer, GatewayError> {
        match object::<Replied>(&self.connection.post(asked).await?)? {
            Ok(dispute) if is_done(&dispute) => Ok(ReplyAnswer::Taken),
            Ok(dispute) => {
                let why = format!("the dispute is {} at Stripe after it was told", dispute.status);
                Err(GatewayError::Unknown(why))
            }
            Err(refusal) => self.refused(to, &refusal, is_done).await,
        }
    }

    /// What is refused may have been done before, by a call whose answer was lost longer ago than Stripe keeps its key: the
    /// dispute says so.
    async fn refused(
        &self,
        to: &ReplyTo,
        refusal: &Refusal,
        is_done: fn(&Replied) -> bool,
    ) -> Result<ReplyAnswer, GatewayError> {
        if !refusal.is_final() {
            return Err(refusal.error());
        }
        let answer = only_asked(self.connection.get(request::dispute(&to.dispute_reference)).await)?;
        match object::<Replied>(&answer)? {
            Ok(dispute) if is_done(&dispute) => Ok(ReplyAnswer::Taken),
            // A dispute that Stripe does not know takes nothing either.
            Ok(_) => Ok(ReplyAnswer::Refused(refusal.error().to_string())),
            Err(unknown) if unknown.status == 404 => Ok(ReplyAnswer::Refused(refusal.error().to_string())),
            Err(other) => only_asked(Err(other.error())),
        }
    }
}

impl StripeGateway {
    /// What Stripe calls a file, which has no effect on the dispute yet.
    async fn uploaded(
        &self,
        to: &ReplyTo,
        file: &FileToSend,
    ) -> Result<Result<String, Refusal>, GatewayError> {
        let answer = self.connection.upload(FileUpload::of(to, file)).await?;
        match object::<Uploaded>(&answer)? {
            Ok(Uploaded { id }) if is_id(&id, "file_") => Ok(Ok(id)),
            Ok(_) => Err(GatewayError::Unknown("Stripe's answer is of no file".to_owned())),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Whether a name is one of a dispute, and no other place's.
fn names_a_dispute(reference: &str) -> bool {
    is_id(reference, "dp_") || is_id(reference, "du_")
}

fn no_such_dispute() -> ReplyAnswer {
    ReplyAnswer::Refused("Stripe calls no dispute so".to_owned())
}

#[async_trait]
impl DisputeReplies for StripeGateway {
    fn admit_files(&self, files: &[EvidenceFile]) -> Result<(), String> {
        files::admit(files)
    }

    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError> {
        if !names_a_dispute(&to.dispute_reference) {
            return Ok(no_such_dispute());
        }
        let texts = evidence.texts.iter().map(|one| (field(one.kind), one.text.clone()));
        let mut fields: Vec<(&'static str, String)> = texts.collect();
        for file in evidence.files {
            match self.uploaded(to, file).await? {
                Ok(id) => fields.push((files::field(file.kind), id)),
                Err(refusal) => return self.refused(to, &refusal, Replied::has_evidence).await,
            }
        }
        self.replied(to, request::submit_evidence(to, fields), Replied::has_evidence).await
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        if !names_a_dispute(&to.dispute_reference) {
            return Ok(no_such_dispute());
        }
        self.replied(to, request::close_dispute(to), Replied::is_closed).await
    }
}

/// Stripe's field of a kind of evidence.
const fn field(kind: EvidenceKind) -> &'static str {
    use EvidenceKind as K;
    match kind {
        K::ProductDescription => "evidence[product_description]",
        K::CustomerName => "evidence[customer_name]",
        K::CustomerEmail => "evidence[customer_email_address]",
        K::CustomerPurchaseIp => "evidence[customer_purchase_ip]",
        K::BillingAddress => "evidence[billing_address]",
        K::ServiceDate => "evidence[service_date]",
        K::ShippingAddress => "evidence[shipping_address]",
        K::ShippingCarrier => "evidence[shipping_carrier]",
        K::ShippingDate => "evidence[shipping_date]",
        K::ShippingTrackingNumber => "evidence[shipping_tracking_number]",
        K::ActivityLog => "evidence[access_activity_log]",
        K::CancellationPolicyDisclosure => "evidence[cancellation_policy_disclosure]",
        K::CancellationRebuttal => "evidence[cancellation_rebuttal]",
        K::RefundPolicyDisclosure => "evidence[refund_policy_disclosure]",
        K::RefundRefusalExplanation => "evidence[refund_refusal_explanation]",
        K::DuplicateExplanation => "evidence[duplicate_charge_explanation]",
        K::Other => "evidence[uncategorized_text]",
    }
}
