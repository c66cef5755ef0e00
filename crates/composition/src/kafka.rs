//! Events over Kafka: topics, relays, consumers, state.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::Topic;
use tender_domain::ports::Consumer;
use tender_kafka::{
    BrokerProbe, CompactedReader, ConsumerBounds, KafkaConsumer, KafkaError, KafkaOptions, KafkaPublisher,
    KafkaRelay, LagProbe, TopicLayout, ensure_topics,
};
use tender_settings::Kafka;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::Background;

/// How long brokers that are away are left in peace before they are asked for the topics again.
const TOPICS_PAUSE: Duration = Duration::from_secs(2);
/// How often it is measured how far a consumer is behind.
const LAG_INTERVAL: Duration = Duration::from_secs(15);

/// How to reach the brokers that the settings name; none when they name none.
#[must_use]
pub fn kafka_options(settings: &Kafka) -> Option<KafkaOptions> {
    let brokers = settings.brokers.clone()?;
    Some(KafkaOptions {
        brokers,
        prefix: settings.topic_prefix.clone(),
        security_protocol: settings.security_protocol.as_str().to_owned(),
        sasl_mechanism: settings.sasl_mechanism.map(|mechanism| mechanism.as_str().to_owned()),
        sasl_username: settings.sasl_username.clone(),
        sasl_password: settings.sasl_password.clone(),
        ca_file: settings.ca_file.clone(),
    })
}

/// The events of a process that has brokers. What it begins waits until the topics exist; brokers that are away at the
/// start keep nothing from starting.
pub struct KafkaEvents {
    options: KafkaOptions,
    publisher: Arc<KafkaPublisher>,
    topics_exist: watch::Receiver<bool>,
}

impl KafkaEvents {
    /// Begins to make sure of the topics.
    ///
    /// # Errors
    /// When the client refuses the options.
    pub fn begin(options: KafkaOptions, background: &Background) -> Result<Self, KafkaError> {
        let publisher = Arc::new(KafkaPublisher::new(&options)?);
        let (exist, topics_exist) = watch::channel(false);
        let (asked, exist) = (options.clone(), Arc::new(exist));
        background.keep("kafka topics", move |stop| {
            let (asked, exist) = (asked.clone(), Arc::clone(&exist));
            async move { make_topics(&asked, &exist, &stop).await }
        });
        Ok(Self { options, publisher, topics_exist })
    }

    /// Asks whether the brokers answer.
    ///
    /// # Errors
    /// When the client refuses the options.
    pub fn probe(&self) -> Result<BrokerProbe, KafkaError> {
        BrokerProbe::new(&self.options)
    }

    /// The consumer that publishes what an outbox holds.
    #[must_use]
    pub fn relay(&self) -> Arc<dyn Consumer> {
        Arc::new(KafkaRelay::new(Arc::clone(&self.publisher)))
    }

    /// Runs a consumer as a group until the process ends, and measures how far it is behind.
    pub fn consume(&self, background: &Background, consumer: Arc<dyn Consumer>) {
        self.measure_lag(background, Arc::clone(&consumer));
        let (options, publisher) = (self.options.clone(), Arc::clone(&self.publisher));
        let topics_exist = self.topics_exist.clone();
        background.keep(format!("kafka consumer {}", consumer.name()), move |stop| {
            let publisher = Arc::clone(&publisher);
            let run =
                KafkaConsumer::new(&options, Arc::clone(&consumer), publisher, ConsumerBounds::default());
            let topics_exist = topics_exist.clone();
            async move {
                if wait_for(topics_exist, &stop).await {
                    run.run(stop).await;
                }
            }
        });
    }

    fn measure_lag(&self, background: &Background, consumer: Arc<dyn Consumer>) {
        let (options, topics_exist) = (self.options.clone(), self.topics_exist.clone());
        background.keep(format!("kafka lag of {}", consumer.name()), move |stop| {
            let (probe, topics_exist) = (LagProbe::new(&options, &*consumer), topics_exist.clone());
            let name = consumer.name();
            async move {
                match probe {
                    Ok(probe) if wait_for(topics_exist, &stop).await => measure(name, &probe, &stop).await,
                    Ok(_) => {}
                    Err(error) => tracing::error!(%error, consumer = name, "its lag cannot be measured"),
                }
            }
        });
    }

    /// Reads topics of state into a consumer until the process ends; gives what becomes true when all that stood there
    /// has been read once.
    ///
    /// # Errors
    /// When the consumer follows a topic that is not of state.
    pub fn read_state(
        &self,
        background: &Background,
        consumer: Arc<dyn Consumer>,
    ) -> Result<watch::Receiver<bool>, KafkaError> {
        let (options, publisher) = (self.options.clone(), Arc::clone(&self.publisher));
        let reader = move || {
            let publisher = Arc::clone(&publisher);
            CompactedReader::new(&options, Arc::clone(&consumer), publisher, ConsumerBounds::default())
        };
        // Says now whether it can be made; later it is made anew only after a panic.
        reader()?;
        let (told, caught_up) = watch::channel(false);
        let (told, topics_exist) = (Arc::new(told), self.topics_exist.clone());
        background.keep("kafka state", move |stop| {
            let (reader, told, topics_exist) = (reader(), Arc::clone(&told), topics_exist.clone());
            async move {
                let Ok(reader) = reader else { return };
                if !wait_for(topics_exist, &stop).await {
                    return;
                }
                let mut caught_up = reader.caught_up();
                let tell = async {
                    if caught_up.wait().await {
                        told.send_replace(true);
                    }
                };
                tokio::join!(reader.run(stop), tell);
            }
        });
        Ok(caught_up)
    }
}

async fn make_topics(options: &KafkaOptions, exist: &watch::Sender<bool>, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        let made = tokio::select! {
            made = ensure_topics(options, TopicLayout::default(), Topic::ALL) => made,
            () = stop.cancelled() => return,
        };
        match made {
            Ok(()) => {
                exist.send_replace(true);
                return;
            }
            Err(error) => tracing::warn!(%error, "the topics cannot be made sure of; trying again"),
        }
        tokio::select! { () = tokio::time::sleep(TOPICS_PAUSE) => {}, () = stop.cancelled() => return }
    }
}

/// Sets the gauge again and again until the process ends.
async fn measure(consumer: &'static str, probe: &LagProbe, stop: &CancellationToken) {
    loop {
        let measured = tokio::select! { measured = probe.lag() => measured, () = stop.cancelled() => return };
        if let Err(error) = measured {
            tracing::warn!(%error, consumer, "how far it is behind cannot be measured now");
        }
        tokio::select! { () = tokio::time::sleep(LAG_INTERVAL) => {}, () = stop.cancelled() => return }
    }
}

/// Waits until it is true; false when the process ends before.
async fn wait_for(mut flag: watch::Receiver<bool>, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        found = flag.wait_for(|it_is| *it_is) => found.is_ok(),
    }
}
