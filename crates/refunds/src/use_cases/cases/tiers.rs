//! The limits of a tenant's tiers, and the case of a chargeback, whose tier they say.

use std::collections::BTreeMap;

use tender_domain::dispute_cases::{DisputeCase, DisputeTiers, TierLimits};
use tender_domain::disputes::Dispute;
use tender_domain::kernel::{Answer, Caller, Change, CommitError, Currency, Save, TenantId};
use tender_domain::refunds::{RefundWrite, RefundableCharge};
use tender_http::RequestKey;

use super::super::retry::{DECISIONS_MAX, pause};
use super::super::{DisputeAnswered, RefundsError, Seen};
use crate::RefundsService;

impl RefundsService {
    /// A tenant's limits; the standard ones where it has set none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn dispute_tiers(&self, tenant: &TenantId) -> Result<DisputeTiers, RefundsError> {
        let stored = self.cases.dispute_tiers(tenant).await?;
        Ok(stored.unwrap_or_else(|| DisputeTiers::standard(tenant.clone(), self.clock.now())))
    }

    /// Replaces a tenant's limits. What is open keeps its tier.
    ///
    /// # Errors
    /// `Case(BadLimits)` for those that contradict themselves; see [`RefundsError`].
    pub async fn put_dispute_tiers(
        &self,
        caller: &Caller,
        (base_currency, limits): (Currency, BTreeMap<Currency, TierLimits>),
        seen: Seen,
        key: Option<RequestKey>,
        present: fn(&DisputeTiers) -> Answer,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        for tries in 0..DECISIONS_MAX {
            let (before, now) = (self.cases.dispute_tiers(tenant).await?, self.clock.now());
            seen.require(before.as_ref().map_or(DisputeTiers::UNSET_VERSION, |before| before.version))?;
            let known = before.clone().unwrap_or_else(|| DisputeTiers::standard(tenant.clone(), now));
            let after = known.replace(base_currency, limits.clone(), now)?;
            let answer = present(&after);
            let record = self.key_record(key.as_ref(), &answer, tenant.to_string());
            let audit = self.audited_rules(
                caller,
                ("dispute_tiers.replaced", after.version),
                (before.as_ref().map(present), &answer),
            );
            let save = match before {
                Some(before) => Save::<DisputeTiers>::changed(before, after),
                None => Save::<DisputeTiers>::new(after),
            };
            let change = Change::of(tenant.clone()).save(save).keyed(record).tell([audit]);
            match (self.store.commit(change).await, &key) {
                (Ok(_), _) => return Ok(DisputeAnswered::plain(answer)),
                (Err(CommitError::KeyTaken(record)), Some(key)) => {
                    return DisputeAnswered::replay(*record, key.fingerprint);
                }
                // Somebody changed them meanwhile, or set the first.
                (Err(CommitError::Conflict | CommitError::Refused { .. }), _) => pause(tries).await,
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The case of a chargeback that is opened, to be written in the same change.
    pub(in crate::use_cases) async fn case_of_chargeback(
        &self,
        charge: &RefundableCharge,
        dispute: &Dispute,
    ) -> Result<RefundWrite, RefundsError> {
        let tier = self.dispute_tiers(&charge.tenant).await?.tier_of(dispute.told.amount);
        Ok(RefundWrite::Case(Save::new(DisputeCase::of_chargeback(charge, dispute, tier))))
    }
}
