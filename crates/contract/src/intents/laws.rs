//! What a defect in the laws would let through, the store refuses; what is a fact, it never does.

use std::sync::Arc;

use tender_domain::intents::{
    Channel, Instrument, Intent, IntentStatus, IntentStore, NewIntent, StartCapture,
};
use tender_domain::kernel::{Change, CommitError, Save};

use super::builders::{
    approved, at, att, cap, card, changed, eur, intent_of, new_intent, read, save, start, tenant, yes,
};

async fn refused(store: &dyn IntentStore, before: &Arc<Intent>, after: Intent) {
    let result = store.commit(changed(before, &Arc::new(after))).await;
    assert!(matches!(result, Err(CommitError::Refused { .. })), "{result:?}");
    assert_eq!(read(store, before).await.as_ref(), Some(&**before), "nothing of it is written");
}

/// The captures that succeeded never add up to more than the intent's amount.
///
/// # Panics
/// When the promise is broken.
pub async fn no_more_is_captured_than_was_asked_for(store: &dyn IntentStore) {
    let tenant = tenant("over-capture");
    let held = approved(store, &tenant, 1).await;
    let begin = StartCapture { id: cap(10), amount: None, is_final: true };
    let begun = save(store, Some(&held), held.start_capture(&begin, at(3)).expect("it is held")).await;
    let mut broken = begun.record_capture(cap(10), yes(eur(10_000), true), at(4)).expect("pending").intent;
    broken.captures[0].amount = eur(10_001);
    refused(store, &begun, broken).await;
}

/// Whatever was decided, one intent holds money once.
///
/// # Panics
/// When the promise is broken.
pub async fn of_the_attempts_of_an_intent_one_is_approved_at_most(store: &dyn IntentStore) {
    let tenant = tenant("twice-approved");
    let held = approved(store, &tenant, 2).await;
    let mut broken = (*held).clone();
    broken.version = held.version.next();
    let mut second = held.attempts[0].clone();
    second.id = att(20);
    second.number = 2;
    broken.attempts.push(second);
    refused(store, &held, broken).await;
}

/// While one payment of an order lives or has succeeded there is no other; when it ends there may be.
///
/// # Panics
/// When the promise is broken.
pub async fn an_order_of_tickets_has_one_live_payment(store: &dyn IntentStore) {
    let tenant = tenant("one-live");
    let of_order = |number, order: &str| NewIntent {
        channel: Channel::Tickets,
        order_ref: Some(order.to_owned()),
        ..new_intent(&tenant, number)
    };
    let first = save(store, None, Intent::create(of_order(30, "o"), at(0))).await;
    let second = || Change::of(tenant.clone()).save(Save::<Intent>::new(intent_of(of_order(31, "o"))));
    let result = store.commit(second()).await;
    assert!(matches!(result, Err(CommitError::Refused { .. })), "{result:?}");
    let _other_order = save(store, None, Intent::create(of_order(32, "p"), at(0))).await;
    let core = NewIntent { channel: Channel::Core, ..of_order(33, "o") };
    let _core = save(store, None, Intent::create(core, at(0))).await;

    let declined = Intent {
        status: IntentStatus::RequiresPaymentMethod,
        version: first.version.next(),
        ..(*first).clone()
    };
    let declined = save(store, Some(&first), declined).await;
    let second = store.commit(second()).await;
    assert!(second.is_ok(), "{second:?}");
    // The first cannot come back to life beside the second.
    let back = declined.attach_method(Instrument::TestToken("tok_visa".into()), card(), at(2));
    refused(store, &declined, back.expect("it may have another method")).await;
}

/// More than was captured, as after a refund made elsewhere: what refunds says is stored.
///
/// # Panics
/// When the promise is broken.
pub async fn refunds_are_facts_and_never_refused(store: &dyn IntentStore) {
    let tenant = tenant("facts");
    let intent = intent_of(new_intent(&tenant, 4));
    let begun = save(store, None, intent.start_attempt(start(40, &intent), at(1)).expect("ready")).await;
    let refunded = save(store, Some(&begun), begun.with_refunded(eur(99_999), at(2))).await;
    assert_eq!(read(store, &refunded).await.as_ref(), Some(&*refunded));
}
