//! A started system, whichever its topology.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::all_in_one::AllInOne;
use crate::api::Api;
use crate::collector::Collector;
use crate::database::Database;
use crate::edge::{Edge, Service};
use crate::events::{Event, outbox};
use crate::five::Five;
use crate::kafka_events::KafkaEvents;
use crate::tenant::{Tenant, unique};
use crate::tokens::Tokens;

/// How the parts run.
pub enum Topology {
    /// One process.
    AllInOne(Box<AllInOne>),
    /// Processes of their own, told of each other by Kafka.
    Five(Five, KafkaEvents),
}

/// What promises are asked of.
pub struct System {
    /// How it runs.
    pub topology: Topology,
    /// A caller without a credential.
    pub api: Api,
    /// Behind the scenes.
    pub database: Database,
    /// Makes credentials.
    pub tokens: Tokens,
    /// Where its traces go, when they go anywhere.
    pub traces: Option<Collector>,
}

impl System {
    /// An all-in-one with these settings.
    ///
    /// # Errors
    /// It did not get ready.
    pub async fn all_in_one(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let started = AllInOne::start(settings).await?;
        let tokens = Tokens::new(&started.file("jwt.secret")?);
        let database = started.database()?;
        let api = Api::new(Edge::One(started.url()));
        Ok(Self { topology: Topology::AllInOne(Box::new(started)), api, database, tokens, traces: None })
    }

    /// The five with these settings; none where there is no Kafka and need not be.
    ///
    /// # Errors
    /// They did not get ready.
    pub async fn five(settings: &[(&str, &str)]) -> anyhow::Result<Option<Self>> {
        let Some(started) = Five::start(settings).await? else { return Ok(None) };
        let tokens = Tokens::new(&started.jwt_secret().context("no jwt.secret")?);
        let database = started.database().await?;
        let events = KafkaEvents::follow(&started.brokers())?;
        let api = Api::new(started.edge());
        Ok(Some(Self { topology: Topology::Five(started, events), api, database, tokens, traces: None }))
    }

    /// A tenant that nobody else has.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        Tenant::new(&unique("t"), &self.api, &self.tokens)
    }

    /// The sandbox's tenant.
    #[must_use]
    pub fn sandbox(&self) -> Tenant {
        Tenant::new("sandbox", &self.api, &self.tokens)
    }

    /// What a tenant has told on a topic so far: on Kafka, or in the outbox that is the log where there is none.
    #[must_use]
    pub fn events(&self, tenant: &str, topic: &str) -> Vec<Event> {
        match &self.topology {
            Topology::AllInOne(_) => outbox(&self.database, tenant, topic),
            Topology::Five(_, kafka) => {
                let all = kafka.all().into_iter();
                all.filter(|event| event.tenant == tenant && event.topic == topic).collect()
            }
        }
    }

    /// The folder with all that the system writes: its data, what its processes say, and what its parts keep.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match &self.topology {
            Topology::AllInOne(one) => one.folder(),
            Topology::Five(five, _) => five.folder(),
        }
    }

    /// The files in which its services say what they do.
    #[must_use]
    pub fn logs(&self) -> Vec<PathBuf> {
        match &self.topology {
            Topology::AllInOne(one) => vec![one.log()],
            Topology::Five(five, _) => {
                let names = Service::ALL.map(|service| format!("{}.log", service.name()));
                let of_services = |log: &PathBuf| names.iter().any(|name| log.ends_with(name));
                five.logs().into_iter().filter(of_services).collect()
            }
        }
    }

    /// All that lies on Kafka, dead letters too; nothing where there is none, and the outboxes are the log.
    ///
    /// # Errors
    /// It could not be read.
    pub async fn on_kafka(&self) -> anyhow::Result<Vec<u8>> {
        match &self.topology {
            Topology::AllInOne(_) => Ok(Vec::new()),
            Topology::Five(five, _) => five.on_kafka().await,
        }
    }

    /// Puts a record with this text in a header among the dead letters. Says whether there is a Kafka at all.
    ///
    /// # Errors
    /// It could not be put there.
    pub async fn put_among_dead_letters(&self, text: &str) -> anyhow::Result<bool> {
        match &self.topology {
            Topology::AllInOne(_) => Ok(false),
            Topology::Five(five, _) => {
                five.put_on_kafka("payment.processed.dlq", ("x-error", text)).await.map(|()| true)
            }
        }
    }

    /// The auditor's report.
    ///
    /// # Errors
    /// It found a fault.
    pub async fn check(&self) -> anyhow::Result<String> {
        match &self.topology {
            Topology::AllInOne(one) => one.check().await,
            Topology::Five(five, _) => five.check().await,
        }
    }

    /// Keeps its folder for a person to look at.
    pub fn keep(&mut self) {
        match &mut self.topology {
            Topology::AllInOne(one) => one.keep(),
            Topology::Five(five, _) => five.keep(),
        }
    }
}
