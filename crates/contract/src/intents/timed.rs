//! What is found when its time has come.

use std::time::Duration;

use tender_domain::intents::{AUTHORIZATION_LIFE, Intent, IntentStore, NewIntent, StartCapture, Timed};
use tender_domain::kernel::{IntentId, TenantId, Timestamp};
use tender_domain::ports::GatewayAnswer;

use super::builders::{
    approved, at, att, cap, eur, new_intent, pi, save, saved, saved_new, start, tenant, yes,
};

const HALF_AN_HOUR: Duration = Duration::from_secs(1_800);

/// Those of the tenant that are found, which are those that the domain says.
async fn found(store: &dyn IntentStore, tenant: &TenantId, now: Timestamp) -> Vec<(IntentId, Timed)> {
    let timed = store.timed(now, now - HALF_AN_HOUR, 1_000).await.expect("it can be read");
    let mut found = Vec::new();
    for (_, id) in timed.into_iter().filter(|(of, _)| of == tenant) {
        let intent = store.intent(tenant, id).await.expect("read").expect("it is there");
        found.push((id, intent.timed(now, now - HALF_AN_HOUR).expect("its time has come")));
    }
    found.sort_by_key(|(id, _)| *id);
    found
}

/// Expired intents, abandoned challenges, expired authorizations and delayed captures; none whose time has not come,
/// and none that has gone on.
///
/// # Panics
/// When the promise is broken.
pub async fn what_time_has_come_for_is_found(store: &dyn IntentStore) {
    let tenant = tenant("timed");
    let _never = saved(store, &tenant, 1).await;
    let expires = |number, second| NewIntent { expires_at: Some(at(second)), ..new_intent(&tenant, number) };
    let _later = saved_new(store, expires(2, 5_000_000)).await;
    let closing = saved_new(store, expires(3, 100)).await;
    let challenged = saved(store, &tenant, 4).await;
    let begun = challenged.start_attempt(start(4, &challenged), at(1)).expect("ready");
    let begun = save(store, Some(&challenged), begun).await;
    let challenge = GatewayAnswer::Challenge { url: "u".into(), challenge_reference: "r".into(), creq: None };
    let step = begun.record_answer(att(4), challenge, cap(4), at(2)).expect("open");
    let challenged = save(store, Some(&begun), step.intent).await;
    let held = approved(store, &tenant, 5).await;
    let delayed = NewIntent { capture_delay_seconds: Some(600), ..new_intent(&tenant, 6) };
    let delayed = saved_new(store, delayed).await;
    let begun = delayed.start_attempt(start(6, &delayed), at(1)).expect("ready");
    let begun = save(store, Some(&delayed), begun).await;
    let step = begun.record_answer(att(6), yes(eur(10_000), false), cap(6), at(2)).expect("open");
    let delayed = save(store, Some(&begun), step.intent).await;

    assert_eq!(found(store, &tenant, at(99)).await, []);
    assert_eq!(found(store, &tenant, at(100)).await, [(pi(3), Timed::Expired)]);
    let due = (pi(6), Timed::CaptureDue);
    assert_eq!(found(store, &tenant, at(602)).await, [(pi(3), Timed::Expired), due]);
    let abandoned = (pi(4), Timed::Abandoned(att(4)));
    assert_eq!(found(store, &tenant, at(1_802)).await, [(pi(3), Timed::Expired), abandoned, due]);
    let over = at(2) + AUTHORIZATION_LIFE;
    let expired = (pi(5), Timed::AuthorizationExpired);
    let all = [(pi(3), Timed::Expired), abandoned, expired, (pi(6), Timed::AuthorizationExpired)];
    assert_eq!(found(store, &tenant, over).await, all);

    // What has gone on is not found any more; what is held waits for the end of its capture.
    let _canceled =
        save(store, Some(&closing), closing.expire(at(100)).expect("its time is over").intent).await;
    let (met, _) = challenged.start_challenge_completion(at(50)).expect("open");
    let _met = save(store, Some(&challenged), met).await;
    let capturing = delayed.start_scheduled_capture(cap(60), at(602)).expect("due");
    let capturing = save(store, Some(&delayed), capturing).await;
    assert_eq!(found(store, &tenant, over).await, [expired]);
    let step = capturing.record_capture_not_done(cap(60), "no", at(603)).expect("pending");
    let _failed = save(store, Some(&capturing), step.intent).await;
    assert_eq!(found(store, &tenant, at(4_203)).await, [due], "it is tried again");
    let last = StartCapture { id: cap(50), amount: None, is_final: true };
    let taking = save(store, Some(&held), held.start_capture(&last, at(3)).expect("held")).await;
    let step = taking.record_capture(cap(50), yes(eur(10_000), true), at(4)).expect("pending");
    let _taken: std::sync::Arc<Intent> = save(store, Some(&taking), step.intent).await;
    assert_eq!(found(store, &tenant, over).await, [(pi(6), Timed::AuthorizationExpired)]);
}
