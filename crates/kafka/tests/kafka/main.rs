//! The promises of the Kafka adapters, on a real Kafka named by `TENDER_TEST_KAFKA_BROKERS` (`make test` starts one).
//! Without it they are skipped, and fail when `REQUIRE_KAFKA=1`. Each test works under a random prefix of its own.

mod consume;
mod group;
mod outage;
mod publish;
mod recorder;
mod refused;
mod state;
mod topics;
mod world;
