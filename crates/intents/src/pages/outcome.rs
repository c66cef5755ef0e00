//! What the page tells of a link and its payment, in the customer's words.

use tender_domain::intents::{Attempt, AttemptStatus, Intent, IntentStatus, PaymentError};
use tender_domain::payment_links::LinkState;
use tender_domain::ports::{DeclineCode, SessionFlow, SessionRequest};

use super::code::drawn;
use super::methods::shown_name;
use super::views::{StatusView, Summary};
use crate::use_cases::{LinkPage, NotTried};
use crate::words::{Words, fill};

/// A page that says where something stands.
pub(crate) fn status(
    words: &'static Words,
    title: impl Into<String>,
    (tone, heading): (&'static str, &'static str),
    text: String,
) -> StatusView {
    StatusView {
        words,
        title: title.into(),
        refresh: false,
        test_mode: false,
        tone,
        heading,
        text,
        summary: None,
        code: None,
        action: None,
        reference: None,
    }
}

/// Who looks at which page, where.
pub(super) struct Viewer<'a> {
    pub(super) words: &'static Words,
    pub(super) token: &'a str,
    pub(super) form: Option<&'a str>,
    /// Where browsers reach us.
    pub(super) base: &'a str,
}

/// What came of it; none while there is something to choose.
pub(super) fn outcome(shown: &LinkPage, viewer: &Viewer<'_>) -> Option<StatusView> {
    let words = viewer.words;
    let view = match shown.intent.as_ref().map(|intent| (intent, intent.status)) {
        Some((
            intent,
            IntentStatus::Succeeded | IntentStatus::RequiresCapture | IntentStatus::Authorized,
        )) => {
            let text = fill(words.paid_text, &[("amount", &words.amount(intent.amount))]);
            Some(status(words, words.paid_title, ("good", words.paid), text))
        }
        Some((_, IntentStatus::Processing)) => {
            let text = words.waiting_text.to_owned();
            let waiting = status(words, words.waiting_title, ("calm", words.waiting), text);
            Some(StatusView { refresh: true, ..waiting })
        }
        Some((intent, IntentStatus::RequiresAction)) => Some(to_be_done(intent, viewer)),
        Some((_, IntentStatus::Failed | IntentStatus::Canceled)) => Some(not_possible(words)),
        _ => ended(shown.state, words),
    };
    view.map(|view| about(shown, view, words))
}

/// The view with what it is about.
pub(super) fn about(shown: &LinkPage, view: StatusView, words: &'static Words) -> StatusView {
    StatusView {
        test_mode: !shown.link.livemode,
        summary: Some(Summary::of(&shown.link, words)),
        reference: shown.intent.as_ref().map(|intent| intent.id.to_string()),
        ..view
    }
}

/// Nothing can be paid here.
pub(super) fn not_possible(words: &'static Words) -> StatusView {
    status(words, words.failed_title, ("bad", words.failed), words.ask_another_way.to_owned())
}

fn ended(state: LinkState, words: &'static Words) -> Option<StatusView> {
    let text = words.ask_new_link.to_owned();
    match state {
        LinkState::Active => None,
        LinkState::Completed => {
            Some(status(words, words.paid_title, ("good", words.completed), words.completed_text.to_owned()))
        }
        LinkState::Canceled => Some(status(words, words.withdrawn_title, ("bad", words.withdrawn), text)),
        LinkState::Expired => Some(status(words, words.expired_title, ("bad", words.expired), text)),
    }
}

/// What the customer has to do elsewhere.
fn to_be_done(intent: &Intent, viewer: &Viewer<'_>) -> StatusView {
    let open = intent.attempts.iter().find(|attempt| attempt.status == AttemptStatus::Challenge);
    match open.and_then(|attempt| Some((attempt, attempt.session.as_ref()?))) {
        Some((attempt, session)) if session.method != SessionRequest::CARD => {
            in_session(attempt, session, viewer.words)
        }
        _ => challenge(open, viewer),
    }
}

/// On to the bank, which sends the customer back here.
fn challenge(open: Option<&Attempt>, viewer: &Viewer<'_>) -> StatusView {
    let words = viewer.words;
    let action = open.and_then(|attempt| attempt.challenge.as_ref()).map(|challenge| {
        let query = viewer.form.map(|form| format!("?form={form}")).unwrap_or_default();
        let back = format!("{}/pay/{}/return{query}", viewer.base, viewer.token);
        let joint = if challenge.url.contains('?') { '&' } else { '?' };
        (format!("{}{joint}return_url={}", challenge.url, escaped(&back)), words.to_bank.to_owned())
    });
    let asked = status(words, words.more_title, ("calm", words.more), words.bank_text.to_owned());
    StatusView { action, ..asked }
}

/// On to the method's page, here or on a telephone. Its gateway was told where the customer comes back to.
fn in_session(attempt: &Attempt, session: &SessionRequest, words: &'static Words) -> StatusView {
    let method = shown_name(&session.method);
    let named = |text: &str| fill(text, &[("method", &method)]);
    let address = attempt.challenge.as_ref().map(|challenge| challenge.url.clone()).unwrap_or_default();
    let action = (!address.is_empty()).then(|| (address.clone(), named(words.to_method)));
    let asked = status(words, named(words.session_title), ("calm", words.more), named(words.session_text));
    let code = drawn(&address, named(words.code_label));
    match session.flow {
        // It is paid elsewhere, and this page is to hear of it. Who has no camera at hand goes by the link; what is no
        // address of the web is for the method's own application alone.
        SessionFlow::Qr => StatusView {
            refresh: true,
            text: named(words.code_text),
            action: action.filter(|(address, _)| is_of_the_web(address)),
            code,
            ..asked
        },
        SessionFlow::Redirect => StatusView { action, ..asked },
    }
}

fn is_of_the_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

/// Percent-encoded, as a value of a query.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

/// What to tell beside the ways to pay.
pub(super) fn problem(shown: &LinkPage, named: Option<&str>, words: &Words) -> Option<String> {
    if let Some(why) = named.and_then(NotTried::find) {
        let text = match why {
            NotTried::Amount => words.not_amount,
            NotTried::Card => words.not_cards,
            NotTried::Method => words.not_method,
            NotTried::Payment => words.not_payment,
        };
        return Some(format!("{text} {}", words.ask_another_way));
    }
    let text = match named {
        Some("card") => words.bad_card,
        Some("form") => words.old_form,
        Some("busy") => words.busy,
        _ => {
            let error = shown.intent.as_ref()?.last_payment_error.as_ref()?;
            return Some(fill(words.declined, &[("why", why(error, words))]));
        }
    };
    Some(text.to_owned())
}

/// Why a gateway refused, as far as it helps who pays. What it says itself is in its own language, and for others' eyes.
fn why(error: &PaymentError, words: &Words) -> &'static str {
    match error.decline.as_ref().map(|decline| decline.code) {
        Some(DeclineCode::InsufficientFunds) => words.why_funds,
        Some(DeclineCode::ExpiredCard) => words.why_expired,
        Some(DeclineCode::LimitExceeded) => words.why_limit,
        Some(DeclineCode::IncorrectData) => words.why_data,
        Some(DeclineCode::AuthenticationFailed | DeclineCode::AuthenticationRequired) => {
            words.why_authentication
        }
        Some(DeclineCode::AuthenticationAbandoned) => words.why_late,
        Some(DeclineCode::CustomerCanceled) => words.why_canceled,
        _ => words.why_refused,
    }
}
