//! Logs: one line an event, for people or for collectors, masked.

use std::io::{self, IsTerminal};

use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer,
    fmt::{self, MakeWriter},
    registry::LookupSpan,
};

use crate::{LogFormat, MaskingWriter, TelemetryError};

/// The filter, or what is wrong with it.
pub(crate) fn filter(text: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(text)
        .map_err(|error| TelemetryError::BadFilter { filter: text.to_owned(), problem: error.to_string() })
}

/// Standard error, masked. Standard output belongs to what commands answer.
pub(crate) fn standard_error() -> MaskingWriter<io::Stderr> {
    MaskingWriter::new(io::stderr())
}

/// The layer that writes lines to `writer`.
pub(crate) fn layer<S, W>(format: LogFormat, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer);
    match format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
    }
}

/// Logs panics as any other error, in the same format and through the same mask.
pub(crate) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let text =
            payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or("a value that is not text");
        tracing::error!(place, message, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing::subscriber::with_default;
    use tracing_subscriber::{Registry, layer::SubscriberExt};

    use super::{filter, layer};
    use crate::{LogFormat, MaskingWriter};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").write(piece)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter_text: &str, act: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = Registry::default()
            .with(filter(filter_text).expect("a filter"))
            .with(layer(format, move || MaskingWriter::new(writer.clone())));
        with_default(subscriber, act);
        let bytes = lines.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_json_line_holds_the_event_and_the_span_it_happened_in() {
        let text = logged(LogFormat::Json, "info", || {
            let span = tracing::info_span!("capture", intent_id = "pi_1");
            let _inside = span.enter();
            tracing::info!(amount_minor = 1050, "captured");
        });
        let line: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
        assert_eq!(line["message"], "captured");
        assert_eq!(line["amount_minor"], 1050);
        assert_eq!(line["span"]["intent_id"], "pi_1");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn a_card_number_in_a_message_a_field_or_a_span_is_masked_in_both_formats() {
        for format in [LogFormat::Json, LogFormat::Text] {
            let text = logged(format, "info", || {
                let span = tracing::info_span!("charge", note = "4242424242424242");
                let _inside = span.enter();
                tracing::error!(answer = "card 4242 4242 4242 4242 refused", "gateway said 5555555555554444");
            });
            assert!(
                !text.contains("42424242") && !text.contains("4242 4242") && !text.contains("55555"),
                "{text}"
            );
            assert!(text.contains("************4444"), "{text}");
        }
    }

    #[test]
    fn what_the_filter_leaves_out_is_not_written() {
        let text = logged(LogFormat::Text, "warn", || {
            tracing::info!("quiet");
            tracing::warn!("loud");
        });
        assert!(text.contains("loud") && !text.contains("quiet"), "{text}");
    }

    #[test]
    fn a_bad_filter_is_told_with_an_example() {
        let message = filter("tender=shout").expect_err("no such level").to_string();
        assert!(message.contains("tender=shout") && message.contains("tender_intents=debug"), "{message}");
    }
}
