//! All of a change is written, or nothing.

use std::sync::Arc;

use futures_util::future::join_all;
use tender_domain::intents::{Intent, IntentStore, IntentWrite};
use tender_domain::kernel::{
    Answer, Change, CommitError, Committed, InboxEntry, KeyScope, KeyState, KeyWrite, RequestFingerprint,
    Save,
};

use super::builders::{at, att, cap, changed, no, read, save, saved, start, started, tenant};

const CALLERS: u128 = 50;

fn scope(key: &str) -> KeyScope {
    KeyScope { route: "POST /v1/payments/intents/{id}/confirm", key: key.into() }
}

fn answer(body: &str) -> Answer {
    Answer { status: 200, body: body.into() }
}

fn begin(key: &str, intent: &Intent) -> KeyWrite {
    KeyWrite::Start {
        scope: scope(key),
        fingerprint: RequestFingerprint([7; 32]),
        resource: intent.id.to_string(),
        at: at(1),
    }
}

fn confirmed(intent: &Arc<Intent>, number: u128) -> Change<IntentWrite> {
    let after = intent.start_attempt(start(number, intent), at(1)).expect("ready");
    changed(intent, &Arc::new(after))
}

/// With the same id, whoever is first.
///
/// # Panics
/// When the promise is broken.
pub async fn a_new_intent_is_refused_when_it_is_there_already(store: &dyn IntentStore) {
    let tenant = tenant("twice-new");
    let intent = saved(store, &tenant, 1).await;
    let again = store.commit(Change::of(tenant).save(Save::<Intent>::new(intent))).await;
    assert!(matches!(again, Err(CommitError::Refused { .. } | CommitError::Conflict)), "{again:?}");
}

/// Neither the intent, nor its new attempt, nor the key; also when the intent is not there at all.
///
/// # Panics
/// When the promise is broken.
pub async fn a_stale_change_is_a_conflict_and_writes_nothing(store: &dyn IntentStore) {
    let tenant = tenant("stale");
    let loaded = saved(store, &tenant, 2).await;
    let first = store.commit(confirmed(&loaded, 20)).await;
    assert!(first.is_ok(), "{first:?}");
    let second = confirmed(&loaded, 21).keyed(begin("stale", &loaded));
    let lost = store.commit(second).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    assert_eq!(store.intent_of_attempt(&tenant, att(21)).await.expect("read"), None);
    assert_eq!(store.key(&tenant, &scope("stale")).await.expect("read"), None);
    let stored = read(store, &loaded).await.expect("it is there");
    assert_eq!(stored.attempts.len(), 1);

    let unsaved = super::builders::intent_of(super::builders::new_intent(&tenant, 3));
    let lost = store.commit(confirmed(&unsaved, 30)).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    assert_eq!(store.intent_of_attempt(&tenant, att(30)).await.expect("read"), None);
}

/// A key that was begun is told with what it was begun for; an answer that is kept is never replaced, and whoever brings
/// another one is told that it is not kept.
///
/// # Panics
/// When the promise is broken.
pub async fn a_key_is_recorded_with_the_change_and_its_first_answer_stays(store: &dyn IntentStore) {
    let tenant = tenant("keys");
    let intent = saved(store, &tenant, 4).await;
    let first = store.commit(confirmed(&intent, 40).keyed(begin("k", &intent))).await;
    assert!(first.is_ok(), "{first:?}");
    let other = saved(store, &tenant, 5).await;
    let again = store.commit(confirmed(&other, 50).keyed(begin("k", &other))).await;
    let begun = intent.id.to_string();
    assert!(
        matches!(&again, Err(CommitError::KeyTaken(record))
            if record.state == KeyState::Started && record.resource == begun),
        "{again:?}"
    );
    assert_eq!(read(store, &other).await.as_ref(), Some(&*other), "nothing of it is written");
    for (body, answer_kept) in [("{\"n\":1}", true), ("{\"n\":2}", false)] {
        let finish = KeyWrite::Finish { scope: scope("k"), answer: answer(body) };
        let finished = store.commit(Change::of(tenant.clone()).keyed(finish)).await;
        assert_eq!(finished.expect("it is written"), Committed { answer_kept });
    }
    let record = store.key(&tenant, &scope("k")).await.expect("read").expect("it is there");
    assert_eq!(record.state, KeyState::Done(answer("{\"n\":1}")));
    assert_eq!(record.fingerprint, RequestFingerprint([7; 32]));
}

/// A message that comes twice has its effect once.
///
/// # Panics
/// When the promise is broken.
pub async fn what_was_handled_is_not_handled_again(store: &dyn IntentStore) {
    let tenant = tenant("inbox");
    let intent = saved(store, &tenant, 6).await;
    let refunded = |intent: &Arc<Intent>| {
        let entry = InboxEntry { consumer: "intents-refunds", key: "rf_1".into() };
        let sum = intent.amount_refunded.checked_add(super::builders::eur(100)).expect("small");
        let after = Arc::new(intent.with_refunded(sum, at(2)));
        (changed(intent, &after).handled(entry).in_background(), after)
    };
    let (change, once) = refunded(&intent);
    let first = store.commit(change).await;
    assert!(first.is_ok(), "{first:?}");
    let (change, _) = refunded(&once);
    let again = store.commit(change).await;
    assert!(matches!(again, Err(CommitError::AlreadyHandled)), "{again:?}");
    assert_eq!(read(store, &once).await.as_ref(), Some(&*once));
}

/// Of many who confirm one intent at once, one gets in and the others are told so; the outcome then takes turns with
/// other changes without a loss.
///
/// # Panics
/// When the promise is broken.
pub async fn of_many_changes_at_once_one_gets_in(store: &dyn IntentStore) {
    let tenant = tenant("at-once");
    let intent = saved(store, &tenant, 7).await;
    let commits = (0..CALLERS).map(|caller| {
        let change = confirmed(&intent, 700 + caller).keyed(begin(&format!("caller-{caller}"), &intent));
        store.commit(change)
    });
    let results = join_all(commits).await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1, "{results:?}");
    let lost = results.iter().filter(|result| matches!(result, Err(CommitError::Conflict))).count();
    assert_eq!(lost, usize::try_from(CALLERS).expect("few") - 1, "{results:?}");
    let stored = Arc::new(read(store, &intent).await.expect("it is there"));
    assert_eq!(stored.attempts.len(), 1);
    let attempt = stored.attempts[0].id;
    let step = stored.record_answer(attempt, no(), cap(7), at(2)).expect("open");
    let _declined = save(store, Some(&stored), step.intent).await;

    let others = join_all((0..CALLERS).map(|number| started(store, &tenant, 10_000 + number))).await;
    for other in others {
        assert_eq!(read(store, &other).await.as_ref(), Some(&*other));
    }
}
