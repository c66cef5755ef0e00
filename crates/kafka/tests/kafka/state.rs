//! Topics of state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tender_domain::kernel::Topic;
use tender_domain::ports::{Consumer, HandleError};
use tender_kafka::{CompactedReader, KafkaError, KafkaOptions, KafkaPublisher};
use tokio_util::sync::CancellationToken;

use crate::recorder::Recorder;
use crate::world::{World, bounds, message, mixed, until};

const STATES: &[Topic] = &[Topic::API_KEY_CHANGED, Topic::SETTINGS_CHANGED];

fn reader(world: &World, recorder: &Arc<Recorder>) -> CompactedReader {
    let consumer = Arc::clone(recorder) as Arc<dyn Consumer>;
    CompactedReader::new(&world.options, consumer, Arc::clone(&world.publisher), bounds()).expect("states")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_state_is_ready_when_it_has_read_all_and_then_follows() {
    let promise = "a reader of state is ready when it has read all and then follows";
    let Some(world) = World::new(promise, STATES).await else { return };
    let mut stood = mixed(Topic::API_KEY_CHANGED, 50, 1..=4);
    stood.extend(mixed(Topic::SETTINGS_CHANGED, 5, 11..=12));
    world.publish(&stood).await;
    // The first state of one key cannot be stored for a while.
    let (store_is_up, tries) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let recorder = {
        let (store_is_up, tries) = (Arc::clone(&store_is_up), Arc::clone(&tries));
        Recorder::new("projection", STATES, move |message| {
            if message.key == "pi_3" && !store_is_up.load(Ordering::SeqCst) {
                tries.fetch_add(1, Ordering::SeqCst);
                return Err(HandleError::Retry("the store is away".to_owned()));
            }
            Ok(())
        })
    };
    let reading = reader(&world, &recorder);
    let mut caught_up = reading.caught_up();
    let stop = CancellationToken::new();
    let running = tokio::spawn(reading.run(stop.clone()));
    until("it was tried several times", || tries.load(Ordering::SeqCst) > 5).await;
    assert!(!caught_up.now(), "not ready while a state is not stored");
    store_is_up.store(true, Ordering::SeqCst);
    assert!(caught_up.wait().await);
    assert!(recorder.has_all(&stood), "ready means that all of it was handled");

    let later = mixed(Topic::API_KEY_CHANGED, 50, 5..=5);
    world.publish(&later).await;
    until("it follows", || recorder.has_all(&later)).await;
    recorder.assert_order_per_key();
    stop.cancel();
    running.await.expect("ended");

    // Another process, or this one started again, reads it all from the beginning.
    let again = Recorder::willing("projection", STATES);
    let reading = reader(&world, &again);
    let mut caught_up = reading.caught_up();
    let stop = CancellationToken::new();
    let running = tokio::spawn(reading.run(stop.clone()));
    assert!(caught_up.wait().await);
    assert!(again.has_all(&stood) && again.has_all(&later));
    stop.cancel();
    running.await.expect("ended");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_cannot_be_handled_holds_nobody_up_and_is_put_aside_when_it_comes() {
    let promise = "a state that cannot be handled holds nobody up and is put aside when it comes";
    let Some(world) = World::new(promise, STATES).await else { return };
    world.publish(&mixed(Topic::API_KEY_CHANGED, 3, 1..=1)).await;
    let recorder = Recorder::new("choosy", STATES, |message| {
        if message.key == "pi_1" { Err(HandleError::Poison("no such scope".to_owned())) } else { Ok(()) }
    });
    let reading = reader(&world, &recorder);
    let mut caught_up = reading.caught_up();
    let stop = CancellationToken::new();
    let running = tokio::spawn(reading.run(stop.clone()));
    assert!(caught_up.wait().await);
    let bad = message(Topic::API_KEY_CHANGED, 1, 2);
    let good = message(Topic::API_KEY_CHANGED, 2, 2);
    world.publish(&[bad.clone(), good.clone()]).await;
    until("the next is handled", || recorder.has_all(std::slice::from_ref(&good))).await;
    let dead = world.lying(world.name(Topic::API_KEY_CHANGED) + ".dlq", 1).await;
    assert_eq!(dead[0].headers["ce_id"], bad.id.to_string());
    assert_eq!(dead[0].headers["x-error"], "no such scope");
    stop.cancel();
    running.await.expect("ended");
    world.finish().await;
}

#[tokio::test]
async fn a_reader_of_state_refuses_a_topic_of_events() {
    let options = KafkaOptions::plaintext("127.0.0.1:9", "");
    let publisher = Arc::new(KafkaPublisher::new(&options).expect("publisher"));
    let consumer: Arc<dyn Consumer> = Recorder::willing("confused", &[Topic::PAYMENT_PROCESSED]);
    let refused = CompactedReader::new(&options, consumer, publisher, bounds());
    assert!(matches!(refused, Err(KafkaError::NotCompacted { .. })));
}
