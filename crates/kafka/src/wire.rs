//! A message as a record of Kafka: `CloudEvents` 1.0 in binary mode (contract §5).

use std::borrow::Cow;
use std::sync::Arc;

use chrono::SecondsFormat;
use rdkafka::message::{Header, Headers as _, Message as Record, OwnedHeaders};
use tender_domain::kernel::{EventId, Message, TenantId, Timestamp, Topic, Version};
use uuid::Uuid;

const ID: &str = "ce_id";
const SOURCE: &str = "ce_source";
const SPEC_VERSION: &str = "ce_specversion";
const TYPE: &str = "ce_type";
const TIME: &str = "ce_time";
const SUBJECT: &str = "ce_subject";
const TENANT: &str = "ce_tenantid";
const TRACEPARENT: &str = "ce_traceparent";
const VERSION: &str = "ce_aggregateversion";
const CONTENT_TYPE: &str = "content-type";

/// A record as it goes over the wire, without its topic.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct WireRecord {
    pub(crate) key: Option<Vec<u8>>,
    /// None is a tombstone.
    pub(crate) payload: Option<Vec<u8>>,
    pub(crate) headers: Vec<(Cow<'static, str>, Option<Vec<u8>>)>,
}

/// A record that is no message of ours: which header, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the platform: {0}")]
pub(crate) struct BadRecord(String);

impl WireRecord {
    /// The message as a record.
    pub(crate) fn of(message: &Message) -> Self {
        let mut headers = vec![
            header(ID, message.id.to_string()),
            header(SOURCE, message.source),
            header(SPEC_VERSION, "1.0"),
            header(TYPE, message.topic.name()),
            header(TIME, message.time.to_rfc3339_opts(SecondsFormat::Micros, true)),
            header(SUBJECT, message.subject.as_str()),
            header(TENANT, message.tenant.as_str()),
            header(VERSION, message.version.to_string()),
        ];
        if let Some(traceparent) = &message.traceparent {
            headers.push(header(TRACEPARENT, traceparent.as_str()));
        }
        headers.push(header(CONTENT_TYPE, "application/json"));
        let tombstone = message.topic.is_compacted() && message.data.is_empty();
        Self {
            key: Some(message.key.clone().into_bytes()),
            payload: (!tombstone).then(|| message.data.as_bytes().to_vec()),
            headers,
        }
    }

    /// A record as it came, whatever is in it.
    pub(crate) fn copy_of(record: &impl Record) -> Self {
        let headers = record.headers().map_or_else(Vec::new, |headers| {
            headers.iter().map(|h| (Cow::Owned(h.key.to_owned()), h.value.map(<[u8]>::to_vec))).collect()
        });
        Self { key: record.key().map(<[u8]>::to_vec), payload: record.payload().map(<[u8]>::to_vec), headers }
    }

    /// Its headers, for the client.
    pub(crate) fn native_headers(&self) -> OwnedHeaders {
        self.headers.iter().fold(OwnedHeaders::new_with_capacity(self.headers.len()), |all, (key, value)| {
            all.insert(Header { key, value: value.as_ref() })
        })
    }
}

/// A header of text.
pub(crate) fn header(name: &'static str, value: impl Into<String>) -> (Cow<'static, str>, Option<Vec<u8>>) {
    (Cow::Borrowed(name), Some(value.into().into_bytes()))
}

/// Reads a record of this topic.
pub(crate) fn decode(topic: Topic, record: &impl Record) -> Result<Message, BadRecord> {
    let bad = |what: String| BadRecord(what);
    if text(record, SPEC_VERSION)? != "1.0" {
        return Err(bad(format!("header {SPEC_VERSION} is not 1.0")));
    }
    if text(record, TYPE)? != topic.name() {
        return Err(bad(format!("header {TYPE} is not the topic's name")));
    }
    let key = record.key().ok_or_else(|| bad("it has no key".to_owned()))?;
    Ok(Message {
        id: EventId(parse::<Uuid>(record, ID)?),
        topic,
        key: utf8(key).ok_or_else(|| bad("its key is not UTF-8".to_owned()))?.to_owned(),
        subject: text(record, SUBJECT)?.to_owned(),
        tenant: parse::<TenantId>(record, TENANT)?,
        source: Message::known_source(text(record, SOURCE)?)
            .ok_or_else(|| bad(format!("header {SOURCE} names no service of the platform")))?,
        time: parse::<Timestamp>(record, TIME)?,
        version: Version::new(parse::<i64>(record, VERSION)?),
        traceparent: raw(record, TRACEPARENT).and_then(utf8).map(str::to_owned),
        data: data(topic, record)?,
    })
}

fn data(topic: Topic, record: &impl Record) -> Result<Arc<str>, BadRecord> {
    match record.payload() {
        Some(payload) => {
            utf8(payload).map(Arc::from).ok_or_else(|| BadRecord("its body is not UTF-8".to_owned()))
        }
        None if topic.is_compacted() => Ok(Arc::from("")),
        None => Err(BadRecord("it has no body".to_owned())),
    }
}

fn raw<'a>(record: &'a impl Record, name: &str) -> Option<&'a [u8]> {
    record.headers()?.iter().find(|header| header.key == name)?.value
}

fn text<'a>(record: &'a impl Record, name: &str) -> Result<&'a str, BadRecord> {
    let value = raw(record, name).ok_or_else(|| BadRecord(format!("header {name} is missing")))?;
    utf8(value).ok_or_else(|| BadRecord(format!("header {name} is not UTF-8")))
}

fn parse<T: std::str::FromStr>(record: &impl Record, name: &str) -> Result<T, BadRecord> {
    text(record, name)?.parse().map_err(|_| BadRecord(format!("header {name} cannot be read")))
}

fn utf8(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rdkafka::message::OwnedMessage;

    use super::*;

    fn message(topic: Topic, data: &str) -> Message {
        Message {
            id: EventId(Uuid::from_u128(7)),
            topic,
            key: "pi_1".to_owned(),
            subject: "ch_1".to_owned(),
            tenant: TenantId::sandbox(),
            source: "/tender/intents",
            time: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            version: Version::new(3),
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            data: Arc::from(data),
        }
    }

    fn record(wire: &WireRecord) -> OwnedMessage {
        let stamp = rdkafka::Timestamp::NotAvailable;
        let headers = Some(wire.native_headers());
        OwnedMessage::new(wire.payload.clone(), wire.key.clone(), "t".to_owned(), stamp, 0, 0, headers)
    }

    #[test]
    fn a_message_comes_back_as_it_was_sent() {
        for sent in
            [message(Topic::PAYMENT_PROCESSED, r#"{"amount":1.10}"#), message(Topic::API_KEY_CHANGED, "")]
        {
            let wire = WireRecord::of(&sent);
            assert_eq!(wire.payload.is_none(), sent.data.is_empty(), "an empty state is a tombstone");
            assert_eq!(decode(sent.topic, &record(&wire)), Ok(sent));
        }
    }

    #[test]
    fn a_record_that_lacks_a_header_or_has_it_wrong_is_named_by_it() {
        let good = WireRecord::of(&message(Topic::PAYMENT_PROCESSED, "{}"));
        for name in [ID, SOURCE, SPEC_VERSION, TYPE, TIME, SUBJECT, TENANT, VERSION] {
            let mut without = good.clone();
            without.headers.retain(|(key, _)| key != name);
            let error = decode(Topic::PAYMENT_PROCESSED, &record(&without)).unwrap_err();
            assert!(error.0.contains(name), "{error}");
        }
        for name in [ID, SOURCE, SPEC_VERSION, TYPE, TIME, TENANT, VERSION] {
            let mut wrong = good.clone();
            for (key, value) in &mut wrong.headers {
                if key == name {
                    *value = Some(b"?!".to_vec());
                }
            }
            let error = decode(Topic::PAYMENT_PROCESSED, &record(&wrong)).unwrap_err();
            assert!(error.0.contains(name), "{error}");
        }
    }

    #[test]
    fn a_record_without_key_or_body_is_refused() {
        let good = WireRecord::of(&message(Topic::PAYMENT_PROCESSED, "{}"));
        let keyless = WireRecord { key: None, ..good.clone() };
        let empty = WireRecord { payload: None, ..good.clone() };
        let binary = WireRecord { payload: Some(vec![0xff]), ..good };
        for bad in [keyless, empty, binary] {
            assert!(decode(Topic::PAYMENT_PROCESSED, &record(&bad)).is_err());
        }
    }
}
