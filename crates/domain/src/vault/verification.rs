//! The verification of a payment method: whether its card or account is there, and whose it is.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::kernel::{MethodId, Timestamp};

use super::{MethodRefusal, PaymentMethod};

/// How many wrong pairs of amounts may be named; then the verification has failed, and no more deposits are sent.
pub const DEPOSIT_TRIES_MAX: u8 = 3;
/// How long the customer has to name the amounts, from when they were sent.
pub const DEPOSITS_LIFE: TimeDelta = TimeDelta::days(10);
/// The largest amount of a deposit, in minor units.
pub const DEPOSIT_MAX: i64 = 99;

/// How long an answer is sought that did not come.
const SOUGHT_FOR: TimeDelta = TimeDelta::days(7);
/// When an answer that did not come is sought next, in seconds; after the last hourly.
const DELAYS_SECONDS: [i64; 5] = [5, 30, 120, 600, 3600];
/// So long whoever began a verification has it to itself; longer than any call of a gateway may take.
const BEGUN_FOR: TimeDelta = TimeDelta::seconds(60);

/// How a method is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationKind {
    /// By an authorization of nothing (account verification): the issuer says whether the card is good.
    ZeroAmount,
    /// By whether the card's issuer takes part in 3-D Secure.
    ThreeDs,
    /// By two small deposits, whose amounts only who reads the account's statement knows.
    MicroDeposits,
}

impl VerificationKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::ZeroAmount, Self::ThreeDs, Self::MicroDeposits];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ZeroAmount => "zero_amount",
            Self::ThreeDs => "three_ds",
            Self::MicroDeposits => "micro_deposits",
        }
    }
}

/// Whether a method is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// It never was, or nothing came of it.
    Unverified,
    /// The gateway's answer is unknown yet, or the customer has to name the amounts.
    Pending,
    /// It is.
    Verified,
    /// It was tried, and is not.
    Failed,
}

impl VerificationStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Unverified, Self::Pending, Self::Verified, Self::Failed];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }
}

/// Whether a card's issuer takes part in 3-D Secure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enrolment {
    /// It does.
    Enrolled,
    /// It does not.
    NotEnrolled,
    /// The directory server could not say.
    Unknown,
}

impl Enrolment {
    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::NotEnrolled => "not_enrolled",
            Self::Unknown => "unknown",
        }
    }
}

/// What the directory server says of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreeDsSupport {
    /// Whether its issuer takes part.
    pub enrolment: Enrolment,
    /// The highest version of EMV 3-D Secure that it speaks (`2.2.0`).
    pub version: Option<String>,
    /// Whether its access control server wants to see the customer's device before the authentication (the "3DS method").
    pub device_fingerprint: bool,
}

/// What came of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationResult {
    /// Why it is not verified, as a code (`declined`, `deposits_expired` …).
    pub reason: Option<String>,
    /// The issuer's reason, in our vocabulary of declines.
    pub decline_code: Option<String>,
    /// The network's response code.
    pub network_code: Option<String>,
    /// What the check of the address found; never the address.
    pub avs_result: Option<String>,
    /// What the check of the card's code found; never the code.
    pub cvv_result: Option<String>,
    /// What the directory server said.
    pub three_ds: Option<ThreeDsSupport>,
}

impl VerificationResult {
    /// Nothing but why not.
    #[must_use]
    pub fn because(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::default() }
    }
}

/// What a gateway answered, or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationAnswer {
    /// The method is good.
    Passed(VerificationResult),
    /// It is not.
    Failed(VerificationResult),
    /// Nothing was found out, and nothing will be.
    Nothing(VerificationResult),
    /// The deposits were sent: the keyed digest of their amounts.
    Deposited(String),
    /// It is not known what became of the call.
    Unknown,
}

/// One step of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationStep {
    /// It begins, at this connector; committed before the connector is called.
    Begin(VerificationKind, String),
    /// The connector's answer to the verification of this number.
    Answer(u32, VerificationAnswer),
    /// The customer named amounts; whether they are the right ones.
    Amounts(bool),
    /// The time to name the amounts is over.
    Expire,
}

/// The last verification of a method, of which there is one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Which of the method's verifications it is, from 1.
    pub number: u32,
    /// How.
    pub kind: VerificationKind,
    /// At which connector.
    pub connector: String,
    /// Where it stands.
    pub status: VerificationStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// While it is pending: when its answer is sought again; once deposits are sent, until when their amounts may be named.
    pub due_at: Option<Timestamp>,
    /// How often its answer did not come.
    pub unanswered: u32,
    /// How many wrong pairs of amounts were named.
    pub wrong_tries: u8,
    /// The keyed digest of the amounts that were sent, while they may be named.
    pub deposits: Option<String>,
    /// What came of it.
    pub result: VerificationResult,
}

impl Verification {
    fn begin(before: Option<&Self>, kind: VerificationKind, connector: &str, now: Timestamp) -> Self {
        Self {
            number: before.map_or(1, |before| before.number.saturating_add(1)),
            kind,
            connector: connector.to_owned(),
            status: VerificationStatus::Pending,
            started_at: now,
            ended_at: None,
            due_at: Some(now + BEGUN_FOR),
            unanswered: 0,
            wrong_tries: 0,
            deposits: None,
            result: VerificationResult::default(),
        }
    }

    /// Our reference of its call, the same for ever: what the gateway knows a repetition by.
    #[must_use]
    pub fn reference(&self, method: MethodId) -> String {
        format!("{method}/verify/{}", self.number)
    }

    /// Whether the gateway's answer is not known yet.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        self.status == VerificationStatus::Pending && self.deposits.is_none()
    }

    /// Whether the customer has to name amounts, until [`Self::due_at`].
    #[must_use]
    pub fn awaits_amounts(&self) -> bool {
        self.status == VerificationStatus::Pending && self.deposits.is_some()
    }

    /// Whether the time to name the amounts is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.awaits_amounts() && self.due_at.is_some_and(|due| due <= now)
    }

    /// How many pairs of amounts may still be named.
    #[must_use]
    pub const fn tries_left(&self) -> u8 {
        DEPOSIT_TRIES_MAX.saturating_sub(self.wrong_tries)
    }

    /// Whether too many wrong amounts were named.
    const fn is_locked(&self) -> bool {
        self.wrong_tries >= DEPOSIT_TRIES_MAX
    }

    fn end(&mut self, status: VerificationStatus, result: VerificationResult, now: Timestamp) {
        self.status = status;
        self.ended_at = Some(now);
        self.due_at = None;
        self.deposits = None;
        self.result = result;
    }

    fn answered(&mut self, answer: VerificationAnswer, now: Timestamp) {
        match answer {
            VerificationAnswer::Passed(result) => self.end(VerificationStatus::Verified, result, now),
            VerificationAnswer::Failed(result) => self.end(VerificationStatus::Failed, result, now),
            VerificationAnswer::Nothing(result) => self.end(VerificationStatus::Unverified, result, now),
            VerificationAnswer::Deposited(digest) => {
                self.deposits = Some(digest);
                self.due_at = Some(now + DEPOSITS_LIFE);
            }
            VerificationAnswer::Unknown if now - self.started_at >= SOUGHT_FOR => {
                let result = VerificationResult::because("no_answer");
                self.end(VerificationStatus::Unverified, result, now);
            }
            VerificationAnswer::Unknown => {
                let place = usize::try_from(self.unanswered).unwrap_or(usize::MAX);
                let seconds = DELAYS_SECONDS.get(place).copied().unwrap_or(3600);
                self.due_at = Some(now + TimeDelta::seconds(seconds));
                self.unanswered = self.unanswered.saturating_add(1);
            }
        }
    }

    fn tried(&mut self, matched: bool, now: Timestamp) {
        if matched {
            return self.end(VerificationStatus::Verified, VerificationResult::default(), now);
        }
        self.wrong_tries = self.wrong_tries.saturating_add(1);
        if self.is_locked() {
            let result = VerificationResult::because("too_many_attempts");
            self.end(VerificationStatus::Failed, result, now);
        }
    }
}

impl PaymentMethod {
    /// Whether it is verified.
    #[must_use]
    pub fn verification_status(&self) -> VerificationStatus {
        self.verification.as_ref().map_or(VerificationStatus::Unverified, |last| last.status)
    }

    pub(super) fn verify(&mut self, step: &VerificationStep, now: Timestamp) -> Result<(), MethodRefusal> {
        let last = self.verification.as_deref_mut();
        match (step, last) {
            (VerificationStep::Begin(kind, _), Some(last))
                if last.status == VerificationStatus::Pending && !last.has_expired(now) =>
            {
                return if last.kind == *kind { Ok(()) } else { Err(MethodRefusal::VerificationPending) };
            }
            (VerificationStep::Begin(VerificationKind::MicroDeposits, _), Some(last)) if last.is_locked() => {
                return Err(MethodRefusal::VerificationLocked);
            }
            (VerificationStep::Begin(kind, connector), last) => {
                let begun = Verification::begin(last.as_deref(), *kind, connector, now);
                self.verification = Some(Box::new(begun));
            }
            (VerificationStep::Answer(number, answer), Some(last))
                if last.number == *number && last.awaits_answer() =>
            {
                last.answered(answer.clone(), now);
            }
            // It came before, from another who asked for it.
            (VerificationStep::Answer(..), _) => {}
            (VerificationStep::Amounts(_), Some(last)) if last.is_locked() => {
                return Err(MethodRefusal::VerificationLocked);
            }
            (VerificationStep::Amounts(matched), Some(last))
                if last.awaits_amounts() && !last.has_expired(now) =>
            {
                last.tried(*matched, now);
            }
            (VerificationStep::Amounts(_), _) => return Err(MethodRefusal::NoDeposits),
            (VerificationStep::Expire, Some(last)) if last.has_expired(now) => {
                let result = VerificationResult::because("deposits_expired");
                last.end(VerificationStatus::Failed, result, now);
            }
            (VerificationStep::Expire, _) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "verification_tests.rs"]
mod tests;
