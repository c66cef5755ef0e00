//! Several members of one group.

use tender_domain::kernel::Topic;

use crate::recorder::Recorder;
use crate::world::{World, mixed, until};

const TOPICS: &[Topic] = &[Topic::PAYMENT_PROCESSED];

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_and_every_message_is_handled_in_the_order_of_its_key() {
    let promise = "members come and go and every message is handled in the order of its key";
    let Some(world) = World::new(promise, TOPICS).await else { return };
    let all = Recorder::willing("shared", TOPICS);
    let first = all.start(&world.options, &world.publisher);
    let mut sent = mixed(Topic::PAYMENT_PROCESSED, 40, 1..=5);
    world.publish(&sent).await;
    until("the first member works", || all.has_all(&sent)).await;

    // Another joins while messages come; it has worked when it has handled one itself.
    let second = Recorder::willing("shared", TOPICS);
    let second_running = second.start(&world.options, &world.publisher);
    let mut version = 6;
    while second.ids().is_empty() {
        let more = mixed(Topic::PAYMENT_PROCESSED, 40, version..=version);
        world.publish(&more).await;
        sent.extend(more);
        version += 1;
        assert!(version < 2000, "the second member gets no partition");
    }
    let handled = || all.handled().len() + second.handled().len();
    let both_have_all = || sent.iter().all(|m| all.ids().contains(&m.id) || second.ids().contains(&m.id));
    until("both together have handled all", || handled() >= sent.len() && both_have_all()).await;

    // The first goes; the second has everything from then on.
    first.stop().await;
    let rest = mixed(Topic::PAYMENT_PROCESSED, 40, version..=version + 4);
    world.publish(&rest).await;
    until("the one that stayed handles the rest", || second.has_all(&rest)).await;
    all.assert_order_per_key();
    second.assert_order_per_key();
    second_running.stop().await;
    world.finish().await;
}
