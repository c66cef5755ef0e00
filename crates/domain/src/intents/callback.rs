//! Callbacks of gateways as they are kept: first stored, then acted on, once.

use std::time::Duration;

use async_trait::async_trait;

use crate::kernel::{
    CallbackId, CaptureId, IntentId, Page, PageRequest, StoreError, TenantId, Timestamp, Version,
};
use crate::ports::GatewayFact;

/// How long a callback waits after its first, second … failure; then it waits the last of them.
const RETRY_DELAYS_SECONDS: [u64; 5] = [5, 30, 120, 600, 3600];

/// After how many failures it is left to a person: seven days.
const FAILURES_MAX: u32 = 5 + 7 * 24;

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackState {
    /// It is kept and has not been acted on.
    Pending,
    /// It moved the payment.
    Applied,
    /// It told nothing new.
    Known,
    /// It contradicts a definite answer: an alert was raised, and nothing changed.
    Contradicted,
    /// It tells of money that moved outside: an alert was raised, and nothing changed.
    Outside,
    /// It is about nothing of ours.
    Unmatched,
    /// It is of a kind that has no meaning for us.
    Unknown,
    /// It is about a refund or dispute, and this process hands none over.
    Elsewhere,
    /// Acting on it failed for a week: a person has to look.
    GivenUp,
}

/// How long every callback is kept: for longer than any gateway sends it again, so that a repetition is known.
pub const CALLBACKS_KEPT_AT_LEAST: Duration = Duration::from_secs(14 * 24 * 3600);

impl CallbackState {
    /// Whether nobody has to act on it or look at it any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Applied | Self::Known | Self::Unmatched | Self::Unknown | Self::Elsewhere => true,
            Self::Pending | Self::Contradicted | Self::Outside | Self::GivenUp => false,
        }
    }

    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Applied,
        Self::Known,
        Self::Contradicted,
        Self::Outside,
        Self::Unmatched,
        Self::Unknown,
        Self::Elsewhere,
        Self::GivenUp,
    ];

    /// The text form, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Known => "known",
            Self::Contradicted => "contradicted",
            Self::Outside => "outside",
            Self::Unmatched => "unmatched",
            Self::Unknown => "unknown",
            Self::Elsewhere => "elsewhere",
            Self::GivenUp => "given_up",
        }
    }

    /// The state with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|state| state.as_str() == text).copied()
    }
}

/// One event of a gateway, kept under the connector's name and the gateway's own id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCallback {
    /// Its id here; its order is the order in which callbacks came.
    pub id: CallbackId,
    /// How often what became of it was written.
    pub version: Version,
    /// How often a person had it handled again.
    pub round: u32,
    /// Whose; none when neither the message nor what we know of it says so. Its gateway is asked then, where it names a
    /// payment; what is nobody's is never acted on.
    pub tenant: Option<TenantId>,
    /// The connector it came from.
    pub connector: String,
    /// The gateway's id of the event.
    pub event_id: String,
    /// What the gateway calls this kind of event.
    pub event_type: String,
    /// When it happened, as the gateway says.
    pub occurred_at: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// What it tells.
    pub fact: GatewayFact,
    /// The message as it came, card numbers masked: for people.
    pub body: String,
    /// What became of it.
    pub state: CallbackState,
    /// How often acting on it failed.
    pub failures: u32,
    /// When it is acted on next; none once it is settled.
    pub next_try_at: Option<Timestamp>,
    /// What is to be known of its end, for a person.
    pub note: Option<String>,
}

impl GatewayCallback {
    /// With its end.
    #[must_use]
    pub fn settled(&self, state: CallbackState, note: Option<String>) -> Self {
        Self { version: self.version.next(), state, note, next_try_at: None, ..self.clone() }
    }

    /// A person has it handled again, whatever became of it: at once, as if it had come just now. What it told and was
    /// done is known then, and not done again.
    #[must_use]
    pub fn again(&self, now: Timestamp) -> Self {
        let round = match self.state {
            // It waits for its next try: that is now.
            CallbackState::Pending => self.round,
            _ => self.round.saturating_add(1),
        };
        Self {
            version: self.version.next(),
            round,
            state: CallbackState::Pending,
            failures: 0,
            next_try_at: Some(now),
            note: None,
            ..self.clone()
        }
    }

    /// Acting on it failed: later again, or given up after a week.
    #[must_use]
    pub fn failed(&self, problem: &str, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let note = Some(crate::kernel::gateway_text(problem));
        if failures >= FAILURES_MAX {
            return Self { failures, ..self.settled(CallbackState::GivenUp, note) };
        }
        let place = usize::try_from(self.failures).unwrap_or(usize::MAX).min(RETRY_DELAYS_SECONDS.len() - 1);
        let delay = Duration::from_secs(RETRY_DELAYS_SECONDS[place]);
        let version = self.version.next();
        Self { version, failures, note, next_try_at: Some(now + delay), ..self.clone() }
    }
}

/// Which callbacks a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallbackFilter {
    /// In this state only.
    pub state: Option<CallbackState>,
    /// Of this connector only.
    pub connector: Option<String>,
    /// Those that came at this instant or later.
    pub received_from: Option<Timestamp>,
    /// Those that came before this instant.
    pub received_to: Option<Timestamp>,
}

/// Where callbacks are kept: each once by (tenant, connector, the gateway's id of the event).
///
/// # Errors
/// Every method fails with [`StoreError`] when the store cannot be reached or holds what breaks a law. After a failed
/// `keep` it is open whether it was written; keeping it again answers that.
#[async_trait]
pub trait CallbackStore: Send + Sync {
    /// Keeps callbacks; those that are there already stay as they are. Says how many were new.
    async fn keep(&self, callbacks: &[GatewayCallback]) -> Result<usize, StoreError>;

    /// Up to `limit` callbacks of all tenants that are to be acted on by now, the longest waiting first.
    async fn callbacks_due(&self, now: Timestamp, limit: usize) -> Result<Vec<GatewayCallback>, StoreError>;

    /// Writes what became of one: state, failures, next try, note. Of two who acted on it at once the first is believed,
    /// and of what was acted on before a person had it handled again nothing is written.
    async fn settle(&self, callback: &GatewayCallback) -> Result<(), StoreError>;

    /// It turned out whose one is that was kept without a tenant: it is the tenant's from now on, and so is, without asking
    /// again, what else is told of the payment that `payment` names as the locator has it. One that the tenant has already
    /// stays as it is.
    async fn give(
        &self,
        callback: &GatewayCallback,
        tenant: &TenantId,
        payment: (&str, &str),
    ) -> Result<(), StoreError>;

    /// A page of a tenant's callbacks, the newest first.
    async fn page_of_callbacks(
        &self,
        tenant: &TenantId,
        filter: &CallbackFilter,
        page: &PageRequest,
    ) -> Result<Page<GatewayCallback>, StoreError>;

    /// One callback of a tenant.
    async fn callback(
        &self,
        tenant: &TenantId,
        id: CallbackId,
    ) -> Result<Option<GatewayCallback>, StoreError>;

    /// When the longest waiting of those came that are to be acted on, over all tenants; none when none is.
    async fn oldest_pending(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Forgets up to `limit` callbacks that came before this instant and that nobody has to look at
    /// ([`CallbackState::is_over`]). Says how many. A store may keep what is younger than [`CALLBACKS_KEPT_AT_LEAST`]
    /// whatever it is asked.
    async fn forget_callbacks(&self, received_before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Callbacks of a tenant, the newest first; of none, those that no tenant could be found for.
    async fn callbacks(
        &self,
        tenant: Option<&TenantId>,
        limit: usize,
    ) -> Result<Vec<GatewayCallback>, StoreError>;

    /// The tenant that the locator has for something that arrives without one.
    async fn located(&self, kind: &str, key: &str) -> Result<Option<TenantId>, StoreError>;

    /// The intent of a capture.
    async fn intent_of_capture(
        &self,
        tenant: &TenantId,
        id: CaptureId,
    ) -> Result<Option<IntentId>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(now: Timestamp) -> GatewayCallback {
        GatewayCallback {
            id: CallbackId::from_uuid(uuid::Uuid::from_u128(1)),
            version: Version::FIRST,
            round: 0,
            tenant: Some(TenantId::sandbox()),
            connector: "simulator".into(),
            event_id: "evt_1".into(),
            event_type: "authorize.approved".into(),
            occurred_at: now,
            received_at: now,
            fact: GatewayFact::Other,
            body: "{}".into(),
            state: CallbackState::Pending,
            failures: 0,
            next_try_at: Some(now),
            note: None,
        }
    }

    #[test]
    fn it_is_tried_for_a_week_and_then_left_to_a_person() {
        let now: Timestamp = "2026-03-04T12:00:00Z".parse().expect("an instant");
        let (mut callback, mut at) = (kept(now), now);
        while callback.state == CallbackState::Pending {
            callback = callback.failed("the store is away", at);
            at = callback.next_try_at.unwrap_or(at);
        }
        assert_eq!((callback.state, callback.next_try_at), (CallbackState::GivenUp, None));
        assert!((at - now).num_days() >= 7, "{at}");
    }
    #[test]
    fn handled_again_it_is_tried_at_once_and_in_a_round_of_its_own() {
        let now: Timestamp = "2026-03-04T12:00:00Z".parse().expect("an instant");
        let settled = kept(now).settled(CallbackState::Contradicted, Some("it lied".into()));
        let again = settled.again(now);
        assert_eq!((again.state, again.round, again.failures), (CallbackState::Pending, 1, 0));
        assert_eq!((again.next_try_at, &again.note), (Some(now), &None));
        assert_eq!(again.version, settled.version.next());
        let waiting = again.failed("the store is away", now);
        let sooner = waiting.again(now);
        assert_eq!(
            (sooner.round, sooner.next_try_at),
            (1, Some(now)),
            "it has not been acted on in this round"
        );
    }
}
