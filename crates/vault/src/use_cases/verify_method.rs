//! Verify a payment method.

use std::sync::Arc;

use tender_domain::kernel::{Caller, CommitError, Message, MethodId, to_micros};
use tender_domain::vault::{
    MethodCommand, MethodType, PaymentMethod, Verification, VerificationKind, VerificationStep,
};
use tender_http::{Problem, RequestKey};

use super::commit::{changed, decide};
use super::{Present, Reply};
use crate::{VaultError, VaultService};

/// A request to verify one method.
#[derive(Clone)]
pub struct VerifyMethodRequest {
    /// Which method.
    pub id: MethodId,
    /// How; if not told, as its type is usually verified, else in another way that a connector has which holds it.
    pub kind: Option<VerificationKind>,
    /// The amounts that the customer read on the account's statement, in minor units and either order; none begins a
    /// verification.
    pub amounts: Option<[i64; 2]>,
}

impl VerifyMethodRequest {
    /// The ways in which it may be verified, the usual one first.
    fn kinds(&self, method_type: MethodType) -> Vec<VerificationKind> {
        match (self.kind, method_type) {
            (Some(kind), _) => vec![kind],
            (None, MethodType::Card) => vec![VerificationKind::ThreeDs, VerificationKind::ZeroAmount],
            (None, MethodType::ApplePay | MethodType::GooglePay | MethodType::Paypal) => {
                vec![VerificationKind::ZeroAmount]
            }
            (None, MethodType::BankAccount | MethodType::SepaDebit) => vec![VerificationKind::MicroDeposits],
        }
    }
}

impl VaultService {
    /// Begins to verify the method, or goes on with it: asks the connector, or compares the amounts that the customer
    /// named with those that were sent. What is begun is committed before the connector is called; what it answered
    /// afterwards, and where it did not answer, the method stays pending and is asked about again.
    ///
    /// # Errors
    /// See [`VaultError`]; `VerificationNotTaken` when no connector of the method verifies it so, `ConnectorsUnavailable`
    /// when the connector surely did nothing.
    pub async fn verify_method(
        &self,
        caller: &Caller,
        request: VerifyMethodRequest,
        key: Option<RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let (tenant, key) = (&caller.tenant, key.as_ref());
        if let Some(reply) = self.replayed(tenant, key).await? {
            return Ok(reply);
        }
        let result = match request.amounts {
            Some(amounts) => decide(|| self.compare(caller, (request.id, amounts), key, present)).await,
            None => self.verify(caller, &request, key, present).await,
        };
        self.settled(tenant, key, result).await
    }

    async fn verify(
        &self,
        caller: &Caller,
        request: &VerifyMethodRequest,
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let method = self.visible(caller, request.id).await?;
        let mut kinds = request.kinds(method.details.method_type());
        let same = method.verification.as_deref().filter(|last| kinds.contains(&last.kind));
        let now = self.deps.clock.now();
        if same.is_some_and(|last| last.awaits_amounts() && !last.has_expired(now)) {
            return self.shown_as_is(&method, key, present).await;
        }
        let unanswered = same.filter(|last| last.awaits_answer());
        if let Some(last) = unanswered {
            kinds = vec![last.kind];
        }
        let named = unanswered.map(|last| last.connector.as_str());
        let (_, verifier) = self.verifier((&caller.tenant, request.id), &kinds, named).await?;
        let step = VerificationStep::Begin(verifier.kind, verifier.name().to_owned());
        let (method, is_first) = decide(|| self.begin(caller, request.id, step.clone())).await?;
        let last = method.verification.as_deref().filter(|last| last.awaits_answer());
        let Some(last) = last.filter(|last| last.connector == verifier.name()) else {
            return self.shown_as_is(&method, key, present).await;
        };
        let answer = self.ask(&verifier, (&method, last), is_first).await;
        self.settle_verification((&method, last.number), answer, key, present).await
    }

    /// Commits that a verification begins. Says whether it was begun here: one that has not ended goes on.
    async fn begin(
        &self,
        caller: &Caller,
        id: MethodId,
        step: VerificationStep,
    ) -> Result<(Arc<PaymentMethod>, bool), VaultError> {
        let method = self.visible(caller, id).await?;
        let now = to_micros(self.deps.clock.now());
        let Some(change) = changed(&method, &MethodCommand::Verify(step), now)? else {
            return Ok((method, false));
        };
        let after = Arc::clone(&change.0.after);
        let told = after.verification.as_deref().map(|last| self.told_of(caller, &after, last));
        let _ = self.commit_telling(&caller.tenant, vec![change], None, told).await?;
        Ok((after, true))
    }

    fn told_of(&self, caller: &Caller, method: &PaymentMethod, last: &Verification) -> Message {
        let details = vec![("kind", last.kind.as_str().to_owned()), ("connector", last.connector.clone())];
        self.audit_line(caller, method, "payment_method.verification_begun", details)
    }

    /// The answer where there is nothing to do: the deposits are on their way.
    async fn shown_as_is(
        &self,
        method: &PaymentMethod,
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let reply = Reply::of(method, present, to_micros(self.deps.clock.now()));
        if let Some(record) = self.record(key, method.id.to_string(), &reply.answer) {
            let _ = self.commit_telling(&method.tenant, Vec::new(), Some(record), None).await?;
        }
        Ok(reply)
    }

    /// Compares the amounts with those that were sent. Each try is counted in the method's own row: of two at once one
    /// decides again.
    async fn compare(
        &self,
        caller: &Caller,
        (id, amounts): (MethodId, [i64; 2]),
        key: Option<&RequestKey>,
        present: Present,
    ) -> Result<Reply, VaultError> {
        let method = self.visible(caller, id).await?;
        let now = to_micros(self.deps.clock.now());
        let matched = method.verification.as_deref().is_some_and(|last| {
            let kept = last.deposits.as_deref().unwrap_or_default();
            self.deps.fingerprint_key.are_deposits(&last.reference(id), amounts, kept)
        });
        let command = MethodCommand::Verify(VerificationStep::Amounts(matched));
        let change = changed(&method, &command, now)?.ok_or(CommitError::Conflict)?;
        let after = Arc::clone(&change.0.after);
        let reply = if matched {
            Reply::of(&after, present, now)
        } else {
            Reply { answer: wrong_amounts(&after).to_answer(), version: None, replayed: false }
        };
        let details = vec![("matched", matched.to_string())];
        let told = self.audit_line(caller, &after, "payment_method.deposit_amounts_named", details);
        let record = self.record(key, id.to_string(), &reply.answer);
        let _ = self.commit_telling(&caller.tenant, vec![change], record, Some(told)).await?;
        Ok(reply)
    }
}

fn wrong_amounts(method: &PaymentMethod) -> Problem {
    let left = method.verification.as_deref().map_or(0, Verification::tries_left);
    let next = match left {
        0 => "the verification has failed".to_owned(),
        1 => "one try is left".to_owned(),
        left => format!("{left} tries are left"),
    };
    let detail = format!("these are not the amounts that were sent to the account; {next}");
    Problem::unprocessable("deposit_amounts_wrong", detail).pointer("/amounts", "not what was sent")
}
