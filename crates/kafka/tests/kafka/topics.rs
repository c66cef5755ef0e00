//! Creating topics.

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use tender_domain::kernel::Topic;
use tender_kafka::{BrokerProbe, KafkaError, TopicLayout, ensure_topics};

use crate::world::World;

const ONE_EACH: TopicLayout = TopicLayout { partitions: 1, replication: None };

#[tokio::test(flavor = "multi_thread")]
async fn all_topics_and_their_dead_letters_are_made_once_with_what_they_need() {
    let promise = "all topics and their dead letters are made once with what they need";
    let Some(mut world) = World::new(promise, &[]).await else { return };
    let (left, right) = tokio::join!(
        ensure_topics(&world.options, ONE_EACH, Topic::ALL),
        ensure_topics(&world.options, ONE_EACH, Topic::ALL),
    );
    assert_eq!((left, right), (Ok(()), Ok(())), "two processes at once");
    assert_eq!(ensure_topics(&world.options, ONE_EACH, Topic::ALL).await, Ok(()), "and again");

    let admin: AdminClient<DefaultClientContext> = world.client().create().expect("admin");
    for topic in Topic::ALL {
        let (name, dead_letters) = (world.name(*topic), world.name(*topic) + ".dlq");
        let asked = [ResourceSpecifier::Topic(&name), ResourceSpecifier::Topic(&dead_letters)];
        let answers = admin.describe_configs(&asked, &AdminOptions::new()).await.expect("settings");
        let cleanup: Vec<Option<String>> = answers
            .iter()
            .map(|answer| answer.as_ref().expect("there").get("cleanup.policy").and_then(|e| e.value.clone()))
            .collect();
        let wanted = if topic.is_compacted() { "compact" } else { "delete" };
        assert_eq!(cleanup, [Some(wanted.to_owned()), Some("delete".to_owned())], "{topic}");
    }
    BrokerProbe::new(&world.options).expect("probe").ready().await.expect("ready");
    world.also(Topic::ALL);
    world.clear().await;
}

#[tokio::test]
async fn a_topic_of_state_that_would_be_cleaned_up_by_age_is_named() {
    let promise = "a topic of state that would be cleaned up by age is named";
    let Some(mut world) = World::new(promise, &[]).await else { return };
    let name = world.name(Topic::ROLE_CHANGED);
    let admin: AdminClient<DefaultClientContext> = world.client().create().expect("admin");
    let wrong = NewTopic::new(&name, 1, TopicReplication::Fixed(1)).set("cleanup.policy", "delete");
    admin.create_topics([&wrong], &AdminOptions::new()).await.expect("created");
    let refused = loop {
        // The brokers tell of a new topic a moment after they made it; until then it is as if it were missing.
        match ensure_topics(&world.options, ONE_EACH, &[Topic::ROLE_CHANGED]).await {
            Err(error) => break error,
            Ok(()) => continue,
        }
    };
    let KafkaError::WrongCleanup { topic, found, .. } = &refused else { panic!("{refused}") };
    assert_eq!((topic, found.as_str()), (&name, "delete"));
    world.also(&[Topic::ROLE_CHANGED]);
    world.clear().await;
}
