//! The list: what moves money or keeps an answer, in the order of a payment's life.

use tender_domain::kernel::{Change, KeyWrite};

/// What a commit is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The first of two commits of a request to this route.
    Started(&'static str),
    /// The second of two commits of a request to this route.
    Finished(&'static str),
    /// The only commit of a request to this route.
    Recorded(&'static str),
    /// What this consumer does with what it was told.
    Handled(&'static str),
    /// Work of its own accord, for no request and no consumer, that tells of this.
    Tells(&'static str),
}

/// A call to what stands outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Asks for money to be held or taken.
    Authorize,
    /// Takes what is held.
    Capture,
    /// Lets go what is held.
    Void,
    /// Gives back.
    Refund,
    /// Goes on after a challenge.
    CompleteChallenge,
    /// Asks what became of a call.
    Lookup,
    /// A callback of the gateway is taken in: made durable, to be acted on later.
    Callback,
}

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Commit { schema: &'static str, sign: Sign },
    Call(Call),
}

/// Something that either happens or does not: a commit or a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its name, within all.
    pub name: &'static str,
    place: Place,
}

const fn commit(name: &'static str, schema: &'static str, sign: Sign) -> Step {
    Step { name, place: Place::Commit { schema, sign } }
}

const fn call(name: &'static str, call: Call) -> Step {
    Step { name, place: Place::Call(call) }
}

const CREATE: &str = "POST /v1/payments/intents";
const CONFIRM: &str = "POST /v1/payments/intents/{intent_id}/confirm";
const COMPLETE: &str = "POST /v1/payments/intents/{intent_id}/3ds/complete";
const CAPTURE: &str = "POST /v1/payments/intents/{intent_id}/capture";
const CANCEL: &str = "POST /v1/payments/intents/{intent_id}/cancel";
const VOID: &str = "POST /v1/payments/authorizations/{authorization_id}/void";
const REFUND: &str = "POST /v1/payments/refunds";

/// Every step that a test can let the process die at.
pub const STEPS: &[Step] = &[
    commit("intents.create.recorded", "intents", Sign::Recorded(CREATE)),
    commit("intents.create.started", "intents", Sign::Started(CREATE)),
    call("gateway.authorize", Call::Authorize),
    commit("intents.create.finished", "intents", Sign::Finished(CREATE)),
    commit("intents.confirm.started", "intents", Sign::Started(CONFIRM)),
    commit("intents.confirm.finished", "intents", Sign::Finished(CONFIRM)),
    commit("intents.challenge.started", "intents", Sign::Started(COMPLETE)),
    call("gateway.complete_challenge", Call::CompleteChallenge),
    commit("intents.challenge.finished", "intents", Sign::Finished(COMPLETE)),
    call("gateway.lookup", Call::Lookup),
    commit("intents.recovered", "intents", Sign::Tells("payment.processed")),
    commit("intents.capture.started", "intents", Sign::Started(CAPTURE)),
    call("gateway.capture", Call::Capture),
    commit("intents.capture.finished", "intents", Sign::Finished(CAPTURE)),
    commit("intents.cancel.started", "intents", Sign::Started(CANCEL)),
    call("gateway.void", Call::Void),
    commit("intents.cancel.finished", "intents", Sign::Finished(CANCEL)),
    commit("intents.void.started", "intents", Sign::Started(VOID)),
    commit("intents.void.finished", "intents", Sign::Finished(VOID)),
    call("gateway.callback", Call::Callback),
    commit("intents.callback.applied", "intents", Sign::Handled("gateway_callbacks")),
    commit("intents.refund.told", "intents", Sign::Handled("intents-refunds")),
    commit("refunds.charge.told", "refunds", Sign::Handled("refunds")),
    commit("refunds.refund.started", "refunds", Sign::Started(REFUND)),
    call("gateway.refund", Call::Refund),
    commit("refunds.refund.finished", "refunds", Sign::Finished(REFUND)),
    commit("refunds.dispute.opened", "refunds", Sign::Tells("dispute.created")),
    commit("settlement.ledger.posted", "settlement", Sign::Handled("ledger")),
];

impl Step {
    /// Whether this change of a schema is the step's commit.
    pub(crate) fn is_commit<W>(&self, of: &str, change: &Change<W>) -> bool {
        let Place::Commit { schema, sign } = self.place else { return false };
        schema == of && sign.is_of(change)
    }

    /// Whether this call is the step's.
    pub(crate) fn is_call(&self, made: Call) -> bool {
        self.place == Place::Call(made)
    }
}

impl Sign {
    fn is_of<W>(self, change: &Change<W>) -> bool {
        let consumer = change.inbox.as_ref().map(|entry| entry.consumer);
        match (self, &change.key) {
            (Self::Started(route), Some(KeyWrite::Start { scope, .. }))
            | (Self::Finished(route), Some(KeyWrite::Finish { scope, .. }))
            | (Self::Recorded(route), Some(KeyWrite::Record { scope, .. })) => scope.route == route,
            (Self::Handled(name), _) => consumer == Some(name),
            (Self::Tells(topic), None) if consumer.is_none() => {
                change.messages.iter().any(|message| message.topic.name() == topic)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use tender_domain::kernel::{InboxEntry, KeyScope, RequestFingerprint, TenantId, Timestamp};

    use super::*;

    fn step(name: &str) -> &'static Step {
        STEPS.iter().find(|step| step.name == name).unwrap_or_else(|| panic!("no step {name}"))
    }

    fn change() -> Change<()> {
        Change::of(TenantId::sandbox())
    }

    #[test]
    fn a_commit_is_known_by_its_schema_its_route_and_which_of_two_it_is() {
        let scope = KeyScope { route: CAPTURE, key: "k".into() };
        let started = change().keyed(KeyWrite::Start {
            scope,
            fingerprint: RequestFingerprint([0; 32]),
            resource: "pi_1".into(),
            at: Timestamp::UNIX_EPOCH,
        });
        assert!(step("intents.capture.started").is_commit("intents", &started));
        assert!(!step("intents.capture.started").is_commit("refunds", &started));
        assert!(!step("intents.capture.finished").is_commit("intents", &started));
        assert!(!step("intents.cancel.started").is_commit("intents", &started));
        assert!(!step("gateway.capture").is_commit("intents", &started));
        assert!(step("gateway.capture").is_call(Call::Capture));
    }

    #[test]
    fn what_a_consumer_does_is_known_by_its_name() {
        let handled = change().handled(InboxEntry { consumer: "ledger", key: "cap_1".into() });
        assert!(step("settlement.ledger.posted").is_commit("settlement", &handled));
        assert!(!step("refunds.charge.told").is_commit("refunds", &handled));
        assert!(!step("settlement.ledger.posted").is_commit("settlement", &change()));
    }
}
