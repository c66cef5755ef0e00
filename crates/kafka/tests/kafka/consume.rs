//! One member of a group: order, dead letters, retries, going on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rdkafka::producer::{FutureProducer, FutureRecord};
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{HandleError, deliver};
use tender_kafka::{KafkaError, KafkaRelay, LagProbe, replay_dead_letters};

use crate::recorder::Recorder;
use crate::world::{World, message, mixed, until};

const TOPICS: &[Topic] = &[Topic::PAYMENT_PROCESSED, Topic::REFUND_PROCESSED];

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_each_key_is_kept_with_many_keys_at_once() {
    let promise = "the order of each key is kept with many keys at once";
    let Some(world) = World::new(promise, TOPICS).await else { return };
    let mut sent = mixed(Topic::PAYMENT_PROCESSED, 120, 1..=12);
    sent.extend(mixed(Topic::REFUND_PROCESSED, 120, 21..=24));
    let recorder = Recorder::willing("orderly", TOPICS);
    let running = recorder.start(&world.options, &world.publisher);
    let relay = KafkaRelay::new(Arc::clone(&world.publisher));
    let relayed = deliver(&relay, &sent, 64).await;
    assert!(relayed.iter().all(|delivery| delivery.result.is_ok()));
    until("all are handled", || recorder.has_all(&sent)).await;
    recorder.assert_order_per_key();
    let handled = recorder.handled();
    let found = |message: &Message| handled.iter().find(|h| h.id == message.id).cloned();
    assert_eq!(found(&sent[5]).as_ref(), Some(&sent[5]), "it comes out as it went in");
    running.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_handled_goes_to_the_dead_letters_and_the_rest_goes_on() {
    let promise = "what cannot be handled goes to the dead letters and the rest goes on";
    let Some(world) = World::new(promise, TOPICS).await else { return };
    let sent = mixed(Topic::PAYMENT_PROCESSED, 5, 1..=4);
    let poison = message(Topic::PAYMENT_PROCESSED, 2, 2).id;
    let recorder = Recorder::new("squeamish", TOPICS, move |message| {
        if message.id == poison { Err(HandleError::Poison("amount is mauve".to_owned())) } else { Ok(()) }
    });
    let running = recorder.start(&world.options, &world.publisher);
    let stranger: FutureProducer = world.client().create().expect("producer");
    let name = world.name(Topic::PAYMENT_PROCESSED);
    let foreign = FutureRecord::to(&name).key("pi_2").payload("hello?");
    stranger.send(foreign, std::time::Duration::from_secs(10)).await.expect("sent");
    world.publish(&sent).await;
    let rest: Vec<Message> = sent.iter().filter(|message| message.id != poison).cloned().collect();
    until("the rest is handled", || recorder.has_all(&rest)).await;

    let mut dead = world.lying(name.clone() + ".dlq", 2).await;
    dead.sort_by_key(|lying| !lying.headers.contains_key("ce_id"));
    let (ours, theirs) = (&dead[0], &dead[1]);
    assert_eq!(ours.headers["ce_id"], poison.to_string());
    assert_eq!(ours.headers["x-error"], "amount is mauve");
    assert_eq!(ours.payload.as_deref(), Some(r#"{"amount":2.10}"#));
    assert_eq!(theirs.payload.as_deref(), Some("hello?"));
    assert!(theirs.headers["x-error"].contains("ce_specversion"), "{:?}", theirs.headers);
    let lying = world.lying(name.clone(), sent.len() + 1).await;
    for letter in &dead {
        assert_eq!(letter.key.as_deref(), Some("pi_2"));
        assert_eq!(letter.headers["x-consumer"], "squeamish");
        assert_eq!(letter.headers["x-original-topic"], name);
        let original = lying.iter().find(|record| {
            record.partition.to_string() == letter.headers["x-original-partition"]
                && record.offset.to_string() == letter.headers["x-original-offset"]
        });
        assert_eq!(original.expect("the place is right").payload, letter.payload);
    }
    let probe = LagProbe::new(&world.options, &*recorder).expect("probe");
    running.stop().await;
    assert_eq!(probe.lag().await, Ok(0), "what was put aside is done");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_has_to_wait_holds_up_its_partition_only_and_nothing_is_lost() {
    let promise = "a message that has to wait holds up its partition only and nothing is lost";
    let Some(world) = World::new(promise, TOPICS).await else { return };
    let sent = mixed(Topic::PAYMENT_PROCESSED, 30, 1..=6);
    let stuck = message(Topic::PAYMENT_PROCESSED, 3, 2);
    let (open, tries) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let recorder = {
        let (open, tries, stuck) = (Arc::clone(&open), Arc::clone(&tries), stuck.id);
        Recorder::new("patient", TOPICS, move |message| {
            if message.id == stuck && !open.load(Ordering::SeqCst) {
                tries.fetch_add(1, Ordering::SeqCst);
                return Err(HandleError::Retry("the store is away".to_owned()));
            }
            Ok(())
        })
    };
    let running = recorder.start(&world.options, &world.publisher);
    world.publish(&sent).await;
    let lying = world.lying(world.name(Topic::PAYMENT_PROCESSED), sent.len()).await;
    let held = lying.iter().find(|record| record.key.as_deref() == Some("pi_3")).expect("there").partition;
    let elsewhere: Vec<Message> = sent
        .iter()
        .filter(|m| lying.iter().any(|r| r.partition != held && r.key.as_deref() == Some(&m.key)))
        .cloned()
        .collect();
    assert!(!elsewhere.is_empty());
    until("the other partitions are done", || recorder.has_all(&elsewhere)).await;
    until("it was tried several times", || tries.load(Ordering::SeqCst) >= 4).await;
    let probe = LagProbe::new(&world.options, &*recorder).expect("probe");
    assert!(probe.lag().await.expect("lag") > 0, "what is behind it is not committed");
    assert!(!recorder.handled().iter().any(|m| m.key == stuck.key && m.version > stuck.version));
    open.store(true, Ordering::SeqCst);
    until("all are handled", || recorder.has_all(&sent)).await;
    recorder.assert_order_per_key();
    assert_eq!(recorder.handled().len(), sent.len(), "what was done was not handed over again");
    running.stop().await;
    assert_eq!(probe.lag().await, Ok(0));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_started_again_goes_on_where_it_was() {
    let promise = "a consumer started again goes on where it was";
    let Some(world) = World::new(promise, TOPICS).await else { return };
    let before = mixed(Topic::PAYMENT_PROCESSED, 10, 1..=5);
    let after = mixed(Topic::PAYMENT_PROCESSED, 10, 6..=9);
    let first = Recorder::willing("steady", TOPICS);
    let running = first.start(&world.options, &world.publisher);
    world.publish(&before).await;
    until("the first messages are handled", || first.has_all(&before)).await;
    running.stop().await;
    world.publish(&after).await;
    let second = Recorder::willing("steady", TOPICS);
    let running = second.start(&world.options, &world.publisher);
    until("the later messages are handled", || second.has_all(&after)).await;
    assert_eq!(second.handled().len(), after.len(), "nothing of before comes again");
    running.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_published_again_once_and_as_they_were() {
    let promise = "dead letters are published again once and as they were";
    let Some(world) = World::new(promise, &[Topic::PAYMENT_PROCESSED, Topic::API_KEY_CHANGED]).await else {
        return;
    };
    let mended = Arc::new(AtomicBool::new(false));
    let recorder = {
        let mended = Arc::clone(&mended);
        Recorder::new("mended", &[Topic::PAYMENT_PROCESSED], move |_| {
            let ok = mended.load(Ordering::SeqCst);
            if ok { Ok(()) } else { Err(HandleError::Poison("not yet understood".to_owned())) }
        })
    };
    let running = recorder.start(&world.options, &world.publisher);
    let sent = mixed(Topic::PAYMENT_PROCESSED, 3, 1..=3);
    world.publish(&sent).await;
    let name = world.name(Topic::PAYMENT_PROCESSED);
    world.lying(name.clone() + ".dlq", sent.len()).await;
    mended.store(true, Ordering::SeqCst);
    let replay = || replay_dead_letters(&world.options, &world.publisher, Topic::PAYMENT_PROCESSED);
    assert_eq!(replay().await, Ok(9));
    until("they are handled", || recorder.has_all(&sent)).await;
    recorder.assert_order_per_key();
    assert_eq!(replay().await, Ok(0), "each is published again once");
    let lying = world.lying(name, 2 * sent.len()).await;
    assert!(lying.iter().all(|record| !record.headers.contains_key("x-error")));
    let state = replay_dead_letters(&world.options, &world.publisher, Topic::API_KEY_CHANGED).await;
    assert_eq!(state, Err(KafkaError::StateIsNotReplayed { topic: Topic::API_KEY_CHANGED }));
    running.stop().await;
    world.finish().await;
}
