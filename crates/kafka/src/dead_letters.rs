//! Dead letters: what a consumer can never handle, with the reason, on `<topic>.dlq`.

use tender_domain::kernel::{Topic, mask_card_numbers};

use crate::names::Names;
use crate::publisher::{KafkaPublisher, PublishError};
use crate::wire::{WireRecord, header};

const ERROR: &str = "x-error";
const CONSUMER: &str = "x-consumer";
const TOPIC: &str = "x-original-topic";
const PARTITION: &str = "x-original-partition";
const OFFSET: &str = "x-original-offset";
const OURS: [&str; 5] = [ERROR, CONSUMER, TOPIC, PARTITION, OFFSET];

const REASON_CHARS: usize = 1000;

/// Where a record stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) topic: Topic,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
}

/// Puts a record aside: on its topic's dead letters, as it came, with who could not handle it and why beside.
pub(crate) async fn bury(
    publisher: &KafkaPublisher,
    names: &Names,
    consumer: &'static str,
    place: Place,
    (record, reason): (WireRecord, &str),
) -> Result<(), PublishError> {
    let record = with_reason(record, names, consumer, place, reason);
    publisher.send(&names.dead_letters(place.topic), &record).await?;
    tell(consumer, place, reason);
    Ok(())
}

/// Logs and counts a record that cannot be handled.
pub(crate) fn tell(consumer: &'static str, place: Place, reason: &str) {
    let Place { topic, partition, offset } = place;
    tracing::error!(consumer, topic = topic.name(), partition, offset, reason, "put a message aside");
    metrics::counter!("tender_dead_letters_total", "follower" => consumer).increment(1);
}

fn with_reason(
    record: WireRecord,
    names: &Names,
    consumer: &'static str,
    place: Place,
    reason: &str,
) -> WireRecord {
    let mut record = as_it_was(record);
    let reason: String = mask_card_numbers(reason).chars().take(REASON_CHARS).collect();
    record.headers.extend([
        header(ERROR, reason),
        header(CONSUMER, consumer),
        header(TOPIC, names.topic(place.topic)),
        header(PARTITION, place.partition.to_string()),
        header(OFFSET, place.offset.to_string()),
    ]);
    record
}

/// The record without what [`bury`] put beside it.
pub(crate) fn as_it_was(mut record: WireRecord) -> WireRecord {
    record.headers.retain(|(name, _)| !OURS.contains(&&**name));
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(record: &'a WireRecord, name: &str) -> Option<&'a str> {
        let found = record.headers.iter().filter(|(key, _)| key == name).collect::<Vec<_>>();
        assert!(found.len() <= 1, "{name} stands once");
        found.first().and_then(|(_, value)| value.as_deref()).map(|v| std::str::from_utf8(v).unwrap())
    }

    #[test]
    fn a_dead_letter_says_why_and_where_and_can_be_made_as_it_was() {
        let names = Names::new("p.");
        let place = Place { topic: Topic::PAYMENT_FAILED, partition: 2, offset: 40 };
        let record = WireRecord { key: None, payload: None, headers: vec![header("ce_id", "1")] };
        let reason = format!("card 4242424242424242: {}", "é".repeat(2000));
        let once = with_reason(record.clone(), &names, "ledger", place, &reason);
        let twice = with_reason(once.clone(), &names, "ledger", Place { offset: 41, ..place }, "again");
        assert!(!value(&once, ERROR).unwrap().contains("4242424242424242"));
        assert!(value(&once, ERROR).unwrap().chars().count() <= REASON_CHARS);
        assert_eq!(value(&once, TOPIC), Some("p.payment-failed"));
        assert_eq!((value(&twice, OFFSET), value(&twice, PARTITION)), (Some("41"), Some("2")));
        assert_eq!(value(&twice, ERROR), Some("again"));
        assert_eq!(value(&twice, CONSUMER), Some("ledger"));
        assert!(as_it_was(twice) == record);
    }
}
