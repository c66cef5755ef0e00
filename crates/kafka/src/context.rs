//! Where librdkafka's own words go.

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};

/// Sends librdkafka's log to ours.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LogContext;

impl ClientContext for LogContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        log(level, facility, text);
    }

    fn error(&self, error: ClientError, reason: &str) {
        fault(&error, reason);
    }
}

impl ConsumerContext for LogContext {}

/// One line of librdkafka's log. Its errors are told as warnings: it goes on by itself, and what it cannot do reaches
/// the caller as an error, which is logged where it is known what it means.
pub(crate) fn log(level: RDKafkaLogLevel, facility: &str, text: &str) {
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error
        | RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", facility, "{text}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
            tracing::info!(target: "librdkafka", facility, "{text}");
        }
        RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", facility, "{text}"),
    }
}

/// A fault of a client as a whole, such as brokers that cannot be reached.
pub(crate) fn fault(error: &ClientError, reason: &str) {
    // A reader of state asked to be told where partitions end, and is told of it itself.
    if matches!(error, ClientError::Global(RDKafkaErrorCode::PartitionEOF)) {
        return;
    }
    tracing::warn!(target: "librdkafka", %error, reason, "a Kafka client has trouble");
    metrics::counter!("tender_kafka_client_faults_total").increment(1);
}
