//! Lays an intent's client secret over an answer, for those who may have it. What is kept under a key holds none.

use serde::Deserialize;
use tender_domain::intents::IntentStatus;
use tender_domain::kernel::{Answer, Caller, Credential, IntentId, Scope};

use crate::IntentsService;

/// What tells the answer of an open intent.
#[derive(Deserialize)]
struct Head<'a> {
    object: &'a str,
    id: &'a str,
    status: &'a str,
}

/// Whether the caller is a server that may confirm the intent itself: it gains nothing by the secret.
fn may_have(caller: &Caller) -> bool {
    let server = matches!(caller.credential, Credential::Token | Credential::SecretKey(_));
    server && caller.may(Scope::IntentsWrite)
}

/// The answer with the intent's client secret in it, when it shows an open intent and the caller may have it.
pub(super) fn with_secret(service: &IntentsService, caller: &Caller, answer: &Answer) -> Answer {
    let open = || {
        let head: Head<'_> = serde_json::from_str(&answer.body).ok()?;
        let open = IntentStatus::find(head.status).is_some_and(|status| !status.is_final());
        (head.object == "payment_intent" && open).then(|| head.id.parse::<IntentId>().ok()).flatten()
    };
    let intent = if answer.status < 400 && may_have(caller) { open() } else { None };
    match (intent, answer.body.strip_prefix('{')) {
        (Some(intent), Some(rest)) => {
            let secret = service.client_secrets.issue(&caller.tenant, intent, service.clock.now());
            // Letters, digits, `-` and `_`: nothing in it needs to be escaped.
            let body = format!(r#"{{"client_secret":"{secret}",{rest}"#).into();
            Answer { status: answer.status, body }
        }
        _ => answer.clone(),
    }
}
