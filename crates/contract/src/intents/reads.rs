//! What was saved is what is read.

use std::sync::Arc;

use tender_domain::intents::{
    AttemptStatus, CancelStep, CaptureMode, Channel, DisputedSum, Instrument, Intent, IntentStatus,
    IntentStore, NewIntent, PURSUED_FOR, PaymentError, Resolve, ResolveCall, ResolvedAs, StartCapture,
};
use tender_domain::kernel::{Money, Version};
use tender_domain::ports::GatewayAnswer;

use super::builders::{
    LOOKUP, at, att, cap, card, eur, full_intent, intent_of, new_intent, no, pi, read, save, saved, start,
    started, tenant, yes,
};

/// Saves what became of an intent, and reads it back.
async fn kept(store: &dyn IntentStore, before: Option<&Arc<Intent>>, after: Intent) -> Arc<Intent> {
    let after = save(store, before, after).await;
    assert_eq!(read(store, &after).await.as_ref(), Some(&*after));
    after
}

/// Every status of intents, attempts, captures and voids, with every field set and with none.
///
/// # Panics
/// When the promise is broken.
pub async fn an_intent_is_read_as_it_was_saved_in_every_state(store: &dyn IntentStore) {
    let tenant = tenant("read-as-saved");
    let bare = NewIntent { instrument: None, method: Default::default(), ..new_intent(&tenant, 1) };
    let bare = kept(store, None, Intent::create(bare, at(0))).await;
    let token = Instrument::TestToken("tok_visa".into());
    let _attached =
        kept(store, Some(&bare), bare.attach_method(token, card(), at(1)).expect("it has none")).await;
    declines_errors_and_a_challenge(store, full_intent(&tenant, 2)).await;
    captures_and_refunds(store, full_intent(&tenant, 3)).await;
    a_void(store, full_intent(&tenant, 4)).await;
    let asked = NewIntent { capture_mode: CaptureMode::Auto, ..new_intent(&tenant, 5) };
    let intent = intent_of(asked);
    let taken = intent.start_attempt(start(500, &intent), at(1)).expect("ready");
    let taken = kept(store, None, taken).await;
    let step = taken.record_answer(att(500), yes(eur(10_000), true), cap(500), at(2)).expect("open");
    assert_eq!(step.intent.status, IntentStatus::Succeeded);
    let _taken = kept(store, Some(&taken), step.intent).await;
    let delayed = NewIntent { capture_delay_seconds: Some(3_600), ..new_intent(&tenant, 6) };
    let intent = intent_of(delayed);
    let begun = kept(store, None, intent.start_attempt(start(600, &intent), at(1)).expect("ready")).await;
    let step = begun.record_answer(att(600), yes(eur(10_000), false), cap(600), at(2)).expect("open");
    assert_eq!(step.intent.status, IntentStatus::Authorized);
    let _authorized = kept(store, Some(&begun), step.intent).await;
}

/// What a person says.
fn said(call: ResolveCall, outcome: ResolvedAs) -> Resolve {
    Resolve {
        call,
        outcome,
        gateway_reference: "gw_'p\"".into(),
        amount: None,
        by: "ada".into(),
        reason: "it's in the \"portal\"".into(),
        capture: cap(900),
    }
}

async fn declines_errors_and_a_challenge(store: &dyn IntentStore, new: NewIntent) {
    let amount = new.amount;
    let mut intent = kept(store, None, Intent::create(new, at(0))).await;
    for (number, answer) in [(201, Some(no())), (202, None)] {
        let after = intent.start_attempt(start(number, &intent), at(1)).expect("ready");
        intent = kept(store, Some(&intent), after).await;
        let step = match answer {
            Some(answer) => intent.record_answer(att(number), answer, cap(number), at(2)),
            None => intent.record_not_done(att(number), "it \"refused\"", at(2)),
        };
        intent = kept(store, Some(&intent), step.expect("open").intent).await;
        let again = intent.attach_method(Instrument::TestToken("tok_amex".into()), card(), at(3));
        intent = kept(store, Some(&intent), again.expect("another method")).await;
    }
    let after = intent.start_attempt(start(203, &intent), at(4)).expect("ready");
    intent = kept(store, Some(&intent), after).await;
    let challenge = GatewayAnswer::Challenge {
        url: "https://gw/3ds?a='b'".into(),
        challenge_reference: "3ds_1".into(),
        creq: None,
    };
    let step = intent.record_answer(att(203), challenge, cap(203), at(5)).expect("open");
    intent = kept(store, Some(&intent), step.intent).await;
    let (after, id) = intent.start_challenge_completion(at(6)).expect("a challenge is open");
    intent = kept(store, Some(&intent), after).await;
    let step = intent.record_unknown(id, "silence", LOOKUP, at(7)).expect("open");
    intent = kept(store, Some(&intent), step.intent).await;
    let step = intent.record_unknown(id, "silence", LOOKUP, at(7) + PURSUED_FOR).expect("open");
    assert!(step.intent.is_queued());
    intent = kept(store, Some(&intent), step.intent).await;
    // Another amount than asked, then what a person may make of it.
    let odd = Money::new(amount.minor() - 1, amount.currency());
    let step = intent.record_answer(id, yes(odd, false), cap(203), at(8)).expect("open");
    assert_eq!(step.intent.attempts[2].status, AttemptStatus::Conflict);
    intent = kept(store, Some(&intent), step.intent).await;
    let failed = Intent {
        status: IntentStatus::Failed,
        version: intent.version.next(),
        last_payment_error: Some(PaymentError::authentication_required(id, amount)),
        ..(*intent).clone()
    };
    let _failed = kept(store, Some(&intent), failed).await;
}

async fn captures_and_refunds(store: &dyn IntentStore, new: NewIntent) {
    let amount = new.amount;
    let part = |minor| Some(Money::new(minor, amount.currency()));
    let intent = intent_of(new);
    let intent = kept(store, None, intent.start_attempt(start(300, &intent), at(1)).expect("ready")).await;
    let step = intent.record_answer(att(300), yes(amount, false), cap(300), at(2)).expect("open");
    let mut intent = kept(store, Some(&intent), step.intent).await;
    // Ids against their order: captures are read in the order in which they were begun.
    for id in [304, 303, 302, 301] {
        let begun =
            StartCapture { id: cap(id), amount: part(i64::try_from(id).expect("small")), is_final: false };
        intent =
            kept(store, Some(&intent), intent.start_capture(&begun, at(3)).expect("enough is held")).await;
    }
    let done = yes(Money::new(304, amount.currency()), true);
    let step = intent.record_capture(cap(304), done, at(4)).expect("pending");
    intent = kept(store, Some(&intent), step.intent).await;
    let step = intent.record_capture_not_done(cap(303), "no", at(4)).expect("pending");
    intent = kept(store, Some(&intent), step.intent).await;
    let step = intent.record_capture_unknown(cap(302), "silence", LOOKUP, at(5)).expect("pending");
    intent = kept(store, Some(&intent), step.intent).await;
    let step = intent.record_capture_unknown(cap(302), "silence", LOOKUP, at(5) + PURSUED_FOR);
    intent = kept(store, Some(&intent), step.expect("pending").intent).await;
    let late = yes(Money::new(303, amount.currency()), true);
    let step = intent.record_capture(cap(303), late, at(5)).expect("a fact");
    intent = kept(store, Some(&intent), step.intent).await;
    let odd = yes(Money::new(1, amount.currency()), true);
    let step = intent.record_capture(cap(301), odd, at(5)).expect("pending");
    intent = kept(store, Some(&intent), step.intent).await;
    for (id, outcome) in
        [(301, ResolvedAs::Approved), (302, ResolvedAs::NotDone), (303, ResolvedAs::Approved)]
    {
        let step =
            intent.resolve(&said(ResolveCall::Capture(cap(id)), outcome), at(6)).expect("in the queue");
        intent = kept(store, Some(&intent), step.intent).await;
    }
    let refunded = Money::new(100, amount.currency());
    let intent = kept(store, Some(&intent), intent.with_refunded(refunded, at(6))).await;
    let told = DisputedSum { minor: 200, version: Version::new(3) };
    let intent = kept(store, Some(&intent), intent.with_disputed(told, at(7)).expect("it is news")).await;
    let told = DisputedSum { minor: 0, version: Version::new(4) };
    let _won = kept(store, Some(&intent), intent.with_disputed(told, at(8)).expect("it is newer")).await;
}

async fn a_void(store: &dyn IntentStore, new: NewIntent) {
    let amount = new.amount;
    let intent = intent_of(NewIntent { order_ref: None, ..new });
    let intent = kept(store, None, intent.start_attempt(start(400, &intent), at(1)).expect("ready")).await;
    let Ok(CancelStep::Requested(after)) = intent.cancel("changed their mind", at(2)) else {
        panic!("what is processing is not canceled at once");
    };
    let intent = kept(store, Some(&intent), after).await;
    let step = intent.record_answer(att(400), yes(amount, false), cap(400), at(3)).expect("open");
    let intent = kept(store, Some(&intent), step.intent).await;
    assert!(intent.attempts[0].is_voiding(), "what was asked to be canceled meanwhile is let go");
    let step = intent.record_void_pending(att(400), "silence", at(5)).expect("a void is on its way");
    let intent = kept(store, Some(&intent), step.intent).await;
    let step = intent.record_void_pending(att(400), "silence", at(5) + PURSUED_FOR).expect("on its way");
    let intent = kept(store, Some(&intent), step.intent).await;
    let again = said(ResolveCall::Attempt(att(400)), ResolvedAs::NotDone);
    let intent = kept(store, Some(&intent), intent.resolve(&again, at(6)).expect("stuck").intent).await;
    let step = intent.record_void_declined(att(400), "no", at(6)).expect("a void is on its way");
    let intent = kept(store, Some(&intent), step.intent).await;
    let intent = kept(store, Some(&intent), intent.resolve(&again, at(6)).expect("stuck").intent).await;
    let step = intent.record_voided(att(400), at(6)).expect("a void is on its way");
    let _canceled = kept(store, Some(&intent), step.intent).await;
}

/// By each of them, and by none of another intent.
///
/// # Panics
/// When the promise is broken.
pub async fn an_intent_is_found_by_its_attempts(store: &dyn IntentStore) {
    let tenant = tenant("by-attempt");
    let _other = started(store, &tenant, 9).await;
    let mut intent = saved(store, &tenant, 10).await;
    for number in [11, 12] {
        let after = intent.start_attempt(start(number, &intent), at(1)).expect("ready");
        intent = save(store, Some(&intent), after).await;
        let step = intent.record_answer(att(number), no(), cap(number), at(2)).expect("open").intent;
        let token = Instrument::TestToken("tok_visa".into());
        let again = step.attach_method(token, card(), at(3)).expect("another method");
        intent = save(store, Some(&intent), again).await;
    }
    for number in [11, 12] {
        let found = store.intent_of_attempt(&tenant, att(number)).await.expect("it can be read");
        assert_eq!(found.as_ref(), Some(&*intent));
    }
    assert_eq!(store.intent_of_attempt(&tenant, att(404)).await.expect("it can be read"), None);
}

/// The newest that is neither canceled nor failed nor waits for another method, of that channel and order.
///
/// # Panics
/// When the promise is broken.
pub async fn the_live_payment_of_an_order_is_found(store: &dyn IntentStore) {
    let tenant = tenant("live-of-order");
    let of_order = |number, channel, order: &str| {
        let intent = Intent::create(
            NewIntent { channel, order_ref: Some(order.to_owned()), ..new_intent(&tenant, number) },
            at(0),
        );
        save(store, None, intent)
    };
    let live = async |channel, order: &str| {
        let found = store.live_intent_of_order(&tenant, channel, order).await.expect("it can be read");
        found.map(|intent| intent.id)
    };
    assert_eq!(live(Channel::Tickets, "o").await, None);
    let first = of_order(20, Channel::Tickets, "o").await;
    let _other = of_order(21, Channel::Tickets, "p").await;
    let _core = of_order(22, Channel::Core, "o").await;
    let _core_too = of_order(23, Channel::Core, "o").await;
    assert_eq!(live(Channel::Tickets, "o").await, Some(pi(20)));
    assert_eq!(live(Channel::Core, "o").await, Some(pi(23)), "the newest");
    assert_eq!(live(Channel::Core, "q").await, None);
    for status in IntentStatus::ALL {
        let ended = matches!(
            status,
            IntentStatus::Canceled | IntentStatus::Failed | IntentStatus::RequiresPaymentMethod
        );
        if matches!(status, IntentStatus::Succeeded) {
            // Needs its money: below.
            continue;
        }
        let canceled_at = (*status == IntentStatus::Canceled).then(|| at(1));
        let newest = read(store, &first).await.map(Arc::new).expect("it is there");
        let turned =
            Intent { status: *status, canceled_at, version: newest.version.next(), ..(*newest).clone() };
        let _turned = save(store, Some(&newest), turned).await;
        assert_eq!(live(Channel::Tickets, "o").await, (!ended).then(|| pi(20)), "{status:?}");
    }
    let again = intent_of(NewIntent {
        channel: Channel::Tickets,
        order_ref: Some("o".into()),
        ..new_intent(&tenant, 24)
    });
    let processing = save(store, None, again.start_attempt(start(24, &again), at(1)).expect("ready")).await;
    let step = processing.record_answer(att(24), yes(eur(10_000), true), cap(24), at(2)).expect("open");
    let _succeeded = save(store, Some(&processing), step.intent).await;
    assert_eq!(live(Channel::Tickets, "o").await, Some(pi(24)), "a paid order has its payment");
}

/// Not by any way of asking; and the same ids are another thing for another tenant.
///
/// # Panics
/// When the promise is broken.
pub async fn tenants_see_only_their_own(store: &dyn IntentStore) {
    use tender_domain::intents::IntentFilter;
    use tender_domain::kernel::PageRequest;
    let (owner, other) = (tenant("owner"), tenant("other"));
    let of = |owner: &_| {
        let new =
            NewIntent { channel: Channel::Tickets, order_ref: Some("o".into()), ..new_intent(owner, 30) };
        let intent = intent_of(new);
        intent.start_attempt(start(30, &intent), at(1)).expect("ready")
    };
    let mine = save(store, None, of(&owner)).await;
    assert_eq!(store.intent(&other, mine.id).await.expect("read"), None);
    assert_eq!(store.intent_of_attempt(&other, att(30)).await.expect("read"), None);
    assert_eq!(store.live_intent_of_order(&other, Channel::Tickets, "o").await.expect("read"), None);
    let listed =
        store.intents(&other, &IntentFilter::default(), &PageRequest::default()).await.expect("read");
    assert!(listed.data.is_empty());
    let theirs = Intent { merchant_account_id: "ma_theirs".into(), ..of(&other) };
    let theirs = save(store, None, theirs).await;
    assert_eq!(read(store, &mine).await.as_ref(), Some(&*mine));
    assert_eq!(read(store, &theirs).await.as_ref(), Some(&*theirs));
    let step = theirs.record_answer(att(30), no(), cap(30), at(2)).expect("open");
    let _declined = save(store, Some(&theirs), step.intent).await;
    assert_eq!(read(store, &mine).await.as_ref(), Some(&*mine), "a change of the other's leaves mine alone");
}
