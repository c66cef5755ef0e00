//! Tells processors what is replied to their disputes: outside of any transaction, until they have answered.

use std::sync::Arc;

use tender_domain::disputes::{
    Dispute, DisputeReply, Disputed, Evidence, EvidenceText, Replied, ReplyEnd, ReplyKind, ReplyPath,
    ReplyStatus,
};
use tender_domain::kernel::{Change, CommitError, Lane, Save, TenantId};
use tender_domain::ports::{DisputeReplies, FileToSend, GatewayError, HandedIn, ReplyAnswer, ReplyTo};
use tender_domain::refunds::RefundWrite;

use super::super::RefundsError;
use super::super::retry::{DECISIONS_MAX, pause};
use super::commit::Beside;
use super::evidence::REPLIES_SHOWN;
use crate::RefundsService;

/// How much is kept of what a processor says.
const SAID_CHARS_MAX: usize = 500;

/// What one attempt at telling came to.
enum Told {
    /// The processor answered, or cannot be told at all.
    Ended(ReplyEnd),
    /// There is no answer, or nothing could be sent.
    Unanswered(GatewayError),
}

impl RefundsService {
    /// By whom a dispute's processor is told. What cannot be asked now is told later, by the service, which sees then.
    pub(in crate::use_cases) async fn reply_path(&self, tenant: &TenantId, dispute: &Dispute) -> ReplyPath {
        let told = &dispute.told;
        if told.processor_reference.is_none() {
            let why =
                "what the processor calls the dispute is not known; hand it in at the processor's own portal";
            return ReplyPath::Person(why.to_owned());
        }
        match self.gateways.named(tenant, &told.processor).await {
            Ok(Some(gateway)) if gateway.dispute_replies().is_some() => ReplyPath::Service,
            Ok(_) => ReplyPath::Person(cannot_be_told(&told.processor)),
            Err(_) => ReplyPath::Service,
        }
    }

    /// By whom it is told of evidence. Evidence is handed in once: where its processor does not take all of it, a person
    /// hands in all of it.
    pub(in crate::use_cases) async fn evidence_path(
        &self,
        tenant: &TenantId,
        dispute: &Dispute,
        evidence: &Evidence,
    ) -> ReplyPath {
        let path = self.reply_path(tenant, dispute).await;
        if path != ReplyPath::Service {
            return path;
        }
        let gateway = self.gateways.named(tenant, &dispute.told.processor).await.ok().flatten();
        let port = gateway.as_ref().and_then(|gateway| gateway.dispute_replies());
        match port.map(|port| admitted(port, evidence)) {
            Some(Err(why)) if evidence.files().is_empty() => {
                ReplyPath::Person(format!("{why}; hand all of it in at the processor's own portal"))
            }
            Some(Err(why)) => ReplyPath::Person(format!(
                "{why}; download the files, and hand all of it in at the processor's own portal"
            )),
            // What cannot be asked now is seen when it is told.
            Some(Ok(())) | None => path,
        }
    }

    /// What a person gave in, with the processor to be told of it.
    pub(in crate::use_cases) async fn told_of_acceptance(
        &self,
        tenant: &TenantId,
        decided: Disputed,
    ) -> Result<(Disputed, Vec<RefundWrite>), RefundsError> {
        let dispute = super::take::dispute_of(&decided)?;
        let path = self.reply_path(tenant, &dispute).await;
        let replied = decided.with_acceptance(path).ok_or(RefundsError::NoSuchDispute)?;
        Ok((replied.disputed, vec![Save::new(replied.reply).into()]))
    }

    /// Tells a dispute's processor what is replied, unless somebody else does. Says whether it has an end now.
    pub(crate) async fn tell_processor(&self, reply: DisputeReply) -> Result<bool, RefundsError> {
        let Some(reply) = self.take_reply(reply).await? else { return Ok(false) };
        let kind = reply.kind.as_str();
        let counted = |outcome: &'static str| {
            metrics::counter!("dispute_replies_total", "kind" => kind, "outcome" => outcome).increment(1);
        };
        match self.ask_processor(&reply).await? {
            Told::Ended(end) => {
                let recorded = self.record_reply_end(&reply, &end).await?;
                if recorded {
                    counted(match &end {
                        ReplyEnd::Told => ReplyStatus::Told.as_str(),
                        ReplyEnd::Refused(_) => ReplyStatus::Refused.as_str(),
                    });
                }
                Ok(recorded)
            }
            Told::Unanswered(error) => {
                counted(match &error {
                    GatewayError::NotDone(_) | GatewayError::NotNow(_) => "not_done",
                    GatewayError::Unknown(_) => "unknown",
                });
                self.record_unanswered(reply, &error).await?;
                Ok(false)
            }
        }
    }

    /// Takes a reply to tell it; none when it is not due any more, or somebody else was faster.
    async fn take_reply(&self, reply: DisputeReply) -> Result<Option<DisputeReply>, RefundsError> {
        let Some(taken) = reply.taken(self.clock.now()) else { return Ok(None) };
        let save = Save::<DisputeReply>::changed(reply, taken.clone());
        let mut change = Change::of(taken.tenant.clone()).save(save);
        change.lane = Lane::Background;
        match self.store.commit(change).await {
            Ok(_) => Ok(Some(taken)),
            Err(CommitError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn ask_processor(&self, reply: &DisputeReply) -> Result<Told, RefundsError> {
        let charge = self.disputes.charge_of_dispute(&reply.tenant, reply.dispute).await?;
        let charge = charge.ok_or(RefundsError::NoSuchDispute)?;
        let told = &charge.dispute(reply.dispute).ok_or(RefundsError::NoSuchDispute)?.told;
        let unreachable = || Told::Ended(ReplyEnd::Refused(cannot_be_told(&told.processor)));
        let Some(dispute_reference) = told.processor_reference.clone() else { return Ok(unreachable()) };
        let gateway = match self.gateways.named(&reply.tenant, &told.processor).await {
            Ok(Some(gateway)) => gateway,
            Ok(None) => return Ok(unreachable()),
            Err(why) => return Ok(Told::Unanswered(GatewayError::NotDone(why))),
        };
        let Some(port) = gateway.dispute_replies() else { return Ok(unreachable()) };
        let (tenant, reference, reason) = (reply.tenant.clone(), reply.reference(), told.reason);
        let to = ReplyTo { tenant, reference, dispute_reference, reason, tries: reply.tries };
        if let Err(why) = admitted(port, &reply.evidence) {
            return Ok(Told::Ended(ReplyEnd::Refused(why)));
        }
        let files = match self.files_to_send(reply).await? {
            Ok(files) => files,
            Err(told) => return Ok(told),
        };
        let evidence = HandedIn { texts: reply.evidence.texts(), files: &files };
        let answer = match reply.kind {
            ReplyKind::Evidence => self.in_time(port.submit_evidence(&to, evidence)).await,
            ReplyKind::Acceptance => self.in_time(port.accept_dispute(&to)).await,
        };
        Ok(match answer {
            Ok(ReplyAnswer::Taken) => Told::Ended(ReplyEnd::Told),
            Ok(ReplyAnswer::Refused(why)) => {
                Told::Ended(ReplyEnd::Refused(without_evidence(why, reply.evidence.texts())))
            }
            Err(GatewayError::NotDone(why) | GatewayError::NotNow(why)) => {
                Told::Unanswered(GatewayError::NotDone(without_evidence(why, reply.evidence.texts())))
            }
            Err(GatewayError::Unknown(why)) => {
                Told::Unanswered(GatewayError::Unknown(without_evidence(why, reply.evidence.texts())))
            }
        })
    }

    /// The files of a reply with their contents, which its port has admitted, so that they are small. Read outside of any
    /// transaction; a reply that is told keeps its files.
    async fn files_to_send(
        &self,
        reply: &DisputeReply,
    ) -> Result<Result<Vec<FileToSend>, Told>, RefundsError> {
        let files = reply.evidence.files();
        if files.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let uploads = self.files.uploads.uploads(&reply.tenant, &reply.uploads()).await?;
        let mut whole = Vec::with_capacity(files.len());
        for file in files {
            let content = match uploads.iter().find(|upload| upload.id == file.upload) {
                Some(upload) => self.files.storage.content(upload).await,
                None => Ok(None),
            };
            let content = match content {
                Ok(Some(content)) => content,
                Ok(None) => {
                    let why = format!("the content of {} is not there any more", file.upload);
                    return Ok(Err(Told::Ended(ReplyEnd::Refused(why))));
                }
                Err(error) => return Ok(Err(Told::Unanswered(GatewayError::NotDone(error.to_string())))),
            };
            let (kind, upload, file_type) = (file.kind, file.upload, file.file.file_type);
            whole.push(FileToSend { kind, upload, file_type, content });
        }
        Ok(Ok(whole))
    }

    /// Notes how it ended, in the reply, in the dispute and in its history. False when somebody else did.
    async fn record_reply_end(&self, reply: &DisputeReply, end: &ReplyEnd) -> Result<bool, RefundsError> {
        for tries in 0..DECISIONS_MAX {
            let charge = self.disputes.charge_of_dispute(&reply.tenant, reply.dispute).await?;
            let charge = Arc::new(charge.ok_or(RefundsError::NoSuchDispute)?);
            let replies = self.disputes.dispute_replies(&reply.tenant, reply.dispute, REPLIES_SHOWN).await?;
            let stored = replies.into_iter().find(|stored| stored.number == reply.number);
            let Some(stored) = stored.filter(|stored| stored.status == ReplyStatus::Telling) else {
                return Ok(false);
            };
            let Replied { disputed, reply } = charge.end_reply(&stored, end, self.clock.now())?;
            let beside = Beside {
                lane: Lane::Background,
                writes: vec![Save::<DisputeReply>::changed(stored, reply).into()],
                ..Beside::default()
            };
            match self.save_dispute(&charge, &disputed, beside).await {
                Ok(()) => return Ok(true),
                Err(CommitError::Conflict) => pause(tries).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    async fn record_unanswered(&self, reply: DisputeReply, error: &GatewayError) -> Result<(), RefundsError> {
        tracing::warn!(reply = %reply.reference(), tenant = %reply.tenant, %error,
            "a dispute's processor has not answered what it is told; it is told again");
        let next = reply.unanswered(error.to_string(), self.clock.now(), &self.options.schedule);
        let mut change = Change::of(reply.tenant.clone()).save(Save::<DisputeReply>::changed(reply, next));
        change.lane = Lane::Background;
        match self.store.commit(change).await {
            // Somebody else told it meanwhile.
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a processor takes all of it; else why not.
fn admitted(port: &dyn DisputeReplies, evidence: &Evidence) -> Result<(), String> {
    port.admit_texts(evidence.texts())?;
    port.admit_files(evidence.files())
}

/// What a processor says, bounded, and without anything that it repeats of the evidence: a history is for ever.
fn without_evidence(why: String, evidence: &[EvidenceText]) -> String {
    let repeats = evidence.iter().any(|one| why.contains(one.text.trim()));
    if repeats {
        return "its answer repeats what was handed in, and is not kept".to_owned();
    }
    why.chars().take(SAID_CHARS_MAX).collect()
}

/// What a person reads who has to see to it.
fn cannot_be_told(processor: &str) -> String {
    format!("the connector {processor} cannot be told from here; hand it in at the processor's own portal")
}
