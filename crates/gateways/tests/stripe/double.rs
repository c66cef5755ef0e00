//! A double of Stripe: a server that checks method, path, headers, fields and keys of every request, and keeps what
//! becomes of payments. What breaks a rule fails the test, at the latest when the double is dropped.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::server;
use crate::{files, rules};

pub(crate) const SECRET_KEY: &str = "sk_test_of_the_double";
pub(crate) const VERSION: &str = "2026-10-28.endive";

/// Where files are uploaded.
const FILES: &str = "v1/files";

pub(crate) type Fields = BTreeMap<String, String>;
/// A status and a body.
pub(crate) type Answer = (u16, Value);

/// What happens to one effect that is asked for.
pub(crate) enum Fault {
    /// It is not done, and never answered.
    LostBefore,
    /// It is done, and never answered.
    LostAfter,
    /// It is not done, is answered like this, and the key knows nothing of it.
    Refused(u16, Value),
    /// It is done, and answered with 500 for as long as the key is kept.
    SavedFailure,
    /// It is done, and answered with what nobody understands.
    Nonsense,
    /// Nothing befalls it.
    Well,
}

/// What is kept of a key.
struct Kept {
    asked: String,
    answer: Answer,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) intents: BTreeMap<String, Value>,
    pub(crate) refunds: BTreeMap<String, Value>,
    pub(crate) setups: BTreeMap<String, Value>,
    pub(crate) methods: BTreeMap<String, Value>,
    pub(crate) customers: BTreeMap<String, Value>,
    /// What moved the balance, newest first.
    pub(crate) movements: Vec<Value>,
    pub(crate) disputes: BTreeMap<String, Value>,
    /// What was uploaded, by the file's id.
    pub(crate) files: BTreeMap<String, String>,
    /// Every effect that was asked for: path and fields.
    pub(crate) asked: Vec<(String, Fields)>,
    pub(crate) faults: VecDeque<Fault>,
    /// Whether the search shows what is there.
    pub(crate) search_lags: bool,
    keys: BTreeMap<String, Kept>,
    violations: Vec<String>,
    made: u32,
}

impl Books {
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}_{:06}", self.made)
    }
}

/// A double on a thread of its own; stopped when dropped.
pub(crate) struct Double {
    pub(crate) port: u16,
    books: Arc<Mutex<Books>>,
    handle: ServerHandle,
}

impl Double {
    pub(crate) fn start() -> Self {
        let books = Arc::new(Mutex::new(Books::default()));
        let data = Data::from(Arc::clone(&books));
        let (port, handle) = server::start(move |app| {
            app.app_data(data.clone()).default_service(web::to(serve));
        });
        Self { port, books, handle }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no test panics with it")
    }

    pub(crate) fn next(&self, fault: Fault) {
        self.books().faults.push_back(fault);
    }

    /// What happens at Stripe meanwhile.
    pub(crate) fn change(&self, intent: &str, change: impl FnOnce(&mut Value)) {
        change(self.books().intents.get_mut(intent).expect("it is there"));
    }

    /// The rules that were broken until now, on purpose.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.books().violations)
    }

    /// The fields of the last effect that was asked for.
    pub(crate) fn last_asked(&self) -> (String, Fields) {
        self.books().asked.last().cloned().expect("something was asked for")
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        // Sends the command at once; the future only waits for its end.
        drop(self.handle.stop(false));
        let violations = std::mem::take(&mut self.books().violations);
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "Stripe's rules were broken: {violations:#?}");
        }
    }
}

pub(crate) fn error(error_type: &str, code: &str, message: &str) -> Value {
    json!({"error": {"type": error_type, "code": code, "message": message}})
}

async fn serve(request: HttpRequest, body: Bytes, books: Data<Mutex<Books>>) -> HttpResponse {
    let (answer, fault) = answered(&request, &body, &mut books.lock().expect("no test panics with it"));
    match fault {
        Some(Fault::LostBefore | Fault::LostAfter) => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            HttpResponse::InternalServerError().finish()
        }
        Some(Fault::Nonsense) => HttpResponse::Ok().body("<html>all is well</html>"),
        _ => {
            let status = StatusCode::from_u16(answer.0).expect("a status");
            HttpResponse::build(status).json(answer.1)
        }
    }
}

fn answered(request: &HttpRequest, body: &[u8], books: &mut Books) -> (Answer, Option<Fault>) {
    if let Err(problem) = headers_are_right(request) {
        books.violations.push(format!("{} {}: {problem}", request.method(), request.path()));
        return ((401, error("invalid_request_error", "headers", &problem)), None);
    }
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let is_post = request.method() == "POST";
    let text = if is_post { body } else { request.query_string().as_bytes() };
    let path = request.path().trim_start_matches('/').to_owned();
    let fields: Fields = if is_post && path == FILES {
        match files::parts(request, body) {
            Ok(fields) => fields,
            Err(problem) => {
                books.violations.push(format!("{path}: {problem}"));
                return ((400, error("invalid_request_error", "form", &problem)), None);
            }
        }
    } else {
        form_urlencoded::parse(text).into_owned().collect()
    };
    if !is_post {
        return (perform(books, "GET", &path, &fields), None);
    }
    let fault = books.faults.pop_front();
    if let Some(Fault::LostBefore) = fault {
        return ((500, Value::Null), fault);
    }
    if let Some(Fault::Refused(status, body)) = fault {
        return ((status, body), None);
    }
    let asked = format!("{path} {fields:?}");
    let key = header("idempotency-key");
    if let Some(kept) = key.as_ref().and_then(|key| books.keys.get(key)) {
        if kept.asked != asked {
            let message = "Keys for idempotent requests can only be used with the same parameters";
            return ((400, error("idempotency_error", "idempotency_key_reused", message)), None);
        }
        return (kept.answer.clone(), fault);
    }
    books.asked.push((path.clone(), fields.clone()));
    let mut answer = perform(books, "POST", &path, &fields);
    if matches!(fault, Some(Fault::SavedFailure)) {
        answer = (500, error("api_error", "internal", "something went wrong"));
    }
    // What fails validation was not begun, and is not kept.
    let begun = answer.0 != 400 || answer.1["error"]["code"] != "parameter_unknown";
    if let Some(key) = key.filter(|_| begun) {
        books.keys.insert(key, Kept { asked, answer: answer.clone() });
    }
    (answer, fault)
}

fn perform(books: &mut Books, method: &str, path: &str, fields: &Fields) -> Answer {
    match rules::perform(books, method, path, fields) {
        Ok(answer) => answer,
        Err(problem) => {
            books.violations.push(format!("{method} {path}: {problem}"));
            (400, error("invalid_request_error", "parameter_unknown", &problem))
        }
    }
}

fn headers_are_right(request: &HttpRequest) -> Result<(), String> {
    let header = |name: &str| {
        let mut values = request.headers().get_all(name);
        let value = values.next().and_then(|value| value.to_str().ok()).map(str::to_owned);
        if values.next().is_some() { Err(format!("{name} is there twice")) } else { Ok(value) }
    };
    let wanted = format!("Bearer {SECRET_KEY}");
    if header("authorization")?.as_deref() != Some(&wanted) {
        return Err("another key".into());
    }
    if header("stripe-version")?.as_deref() != Some(VERSION) {
        return Err("another version".into());
    }
    let key = header("idempotency-key")?;
    match request.method().as_str() {
        "GET" if key.is_some() => Err("a question needs no key".into()),
        "GET" => Ok(()),
        "POST" => {
            let form = "application/x-www-form-urlencoded";
            let is_file = request.path().trim_start_matches('/') == FILES;
            if !is_file && header("content-type")?.as_deref() != Some(form) {
                return Err("the body is no form".into());
            }
            let makes_a_card = request.path() == "/v1/payment_methods";
            match key {
                None if !makes_a_card => Err("an effect needs a key".into()),
                Some(key) if key.is_empty() || key.len() > 255 => Err(format!("the key {key:?}")),
                _ => Ok(()),
            }
        }
        other => Err(format!("the method {other}")),
    }
}
