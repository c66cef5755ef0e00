use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::{disputes, rules};
use crate::server;

pub(crate) const API_KEY: &str = "AQEtest.of.the.double";
pub(crate) const REPORT_KEY: &str = "report_key_of_the_double";
pub(crate) const MERCHANT: &str = "TenderTest";

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
    /// The same, with the header that says so.
    Transient(u16, Value),
    /// It is done, and answered with what nobody understands.
    Nonsense,
    /// Nothing befalls it.
    Well,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) payments: BTreeMap<String, Value>,
    /// By shopper.
    pub(crate) stored: BTreeMap<String, Vec<Value>>,
    /// Every effect that was asked for: path and body.
    pub(crate) asked: Vec<(String, Value)>,
    /// The notifications that were sent, in order.
    pub(crate) notices: Vec<Value>,
    pub(crate) faults: VecDeque<Fault>,
    /// The files of reports by their place.
    pub(crate) reports: BTreeMap<String, String>,
    pub(crate) reports_asked: Vec<String>,
    /// What is disputed, by Adyen's name of the dispute.
    pub(crate) disputes: BTreeMap<String, disputes::Dispute>,
    keys: BTreeMap<String, Answer>,
    violations: Vec<String>,
    made: u32,
}

impl Books {
    pub(crate) fn id(&mut self, what: &str) -> String {
        self.made += 1;
        format!("PSP{what:0<7}{:06}", self.made)
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

    /// The rules that were broken until now, on purpose.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.books().violations)
    }

    /// The last effect that was asked for.
    pub(crate) fn last_asked(&self) -> (String, Value) {
        self.books().asked.last().cloned().expect("something was asked for")
    }

    /// The bank has authenticated the customer, or not; gives what the browser brings back. What ended stays as it is.
    pub(crate) fn authenticate(&self, challenge: &str, met: bool) -> String {
        let mut books = self.books();
        let word = if met { "met" } else { "failed" };
        let Some(payment) = books.payments.get_mut(challenge) else {
            return format!("redirectResult={word}%21nobody");
        };
        if payment["brought"].is_null() {
            payment["brought"] = format!("{word}!{challenge}").into();
        }
        let brought = payment["brought"].as_str().expect("text").replace('!', "%21");
        format!("order=7&redirectResult={brought}")
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        // Sends the command at once; the future only waits for its end.
        drop(self.handle.stop(false));
        let violations = std::mem::take(&mut self.books().violations);
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "Adyen's rules were broken: {violations:#?}");
        }
    }
}

pub(crate) fn error(status: u16, code: &str, message: &str) -> Value {
    json!({"status": status, "errorCode": code, "message": message, "errorType": "validation"})
}

async fn serve(request: HttpRequest, body: Bytes, books: Data<Mutex<Books>>) -> HttpResponse {
    let (answer, fault) = answered(&request, &body, &mut books.lock().expect("no test panics with it"));
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.0).expect("a status"));
    match fault {
        Some(Fault::LostBefore | Fault::LostAfter) => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            HttpResponse::InternalServerError().finish()
        }
        Some(Fault::Nonsense) => HttpResponse::Ok().body("<html>all is well</html>"),
        _ if request.path().starts_with("/reports/") => {
            response.body(answer.1.as_str().unwrap_or_default().to_owned())
        }
        Some(Fault::Transient(..)) => response.insert_header(("transient-error", "true")).json(answer.1),
        _ => response.json(answer.1),
    }
}

fn answered(request: &HttpRequest, body: &[u8], books: &mut Books) -> (Answer, Option<Fault>) {
    let asked = format!("{} {}", request.method(), request.path());
    let broken = |books: &mut Books, problem: String| {
        books.violations.push(format!("{asked}: {problem}"));
        ((401, error(401, "000", &problem)), None)
    };
    if let Some(file) = request.path().strip_prefix("/reports/download/") {
        return (report(request, file, books), None);
    }
    let key = match headers_are_right(request) {
        Ok(key) => key,
        Err(problem) => return broken(books, problem),
    };
    let of_disputes = request.path().strip_prefix("/ca/services/DisputeService/v30/");
    let Some(path) = of_disputes.or_else(|| request.path().strip_prefix("/v71/")) else {
        return broken(books, "another version".to_owned());
    };
    if request.method() == "GET" {
        let query: BTreeMap<String, String> =
            form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        return (rules::read(books, path, &query).unwrap_or_else(|problem| broken(books, problem).0), None);
    }
    let Ok(sent) = serde_json::from_slice::<Value>(body) else {
        return broken(books, "the body is no JSON".to_owned());
    };
    let asks = path == disputes::QUESTION && of_disputes.is_some();
    let fault = if asks { None } else { books.faults.pop_front() };
    match fault {
        Some(Fault::LostBefore) => return ((500, Value::Null), fault),
        Some(Fault::Refused(status, body)) => return ((status, body), None),
        Some(Fault::Transient(status, ref body)) => return ((status, body.clone()), fault),
        _ => {}
    }
    // The first answer for ever, whatever is asked now.
    if let Some(kept) = key.as_ref().and_then(|key| books.keys.get(key)) {
        return (kept.clone(), fault);
    }
    books.asked.push((path.to_owned(), sent.clone()));
    let ruled = match (of_disputes, &key) {
        (Some(_), Some(_)) => Err("disputes know no key".to_owned()),
        (Some(_), None) => disputes::perform(books, path, &sent),
        (None, _) => rules::perform(books, path, &sent),
    };
    let answer = match ruled {
        Ok(answer) => answer,
        Err(problem) => return broken(books, problem),
    };
    if let Some(key) = key {
        books.keys.insert(key, answer.clone());
    }
    (answer, fault)
}

/// The file of a report, to whoever has the key of reports.
fn report(request: &HttpRequest, file: &str, books: &mut Books) -> Answer {
    let key = request.headers().get("x-api-key").and_then(|value| value.to_str().ok());
    if request.method() != "GET" || key != Some(REPORT_KEY) {
        return (401, Value::Null);
    }
    books.reports_asked.push(file.to_owned());
    books.reports.get(file).map_or((404, Value::Null), |csv| (200, csv.as_str().into()))
}

/// The key of the request, if its headers are right.
fn headers_are_right(request: &HttpRequest) -> Result<Option<String>, String> {
    let header = |name: &str| {
        let mut values = request.headers().get_all(name);
        let value = values.next().and_then(|value| value.to_str().ok()).map(str::to_owned);
        if values.next().is_some() { Err(format!("{name} is there twice")) } else { Ok(value) }
    };
    if header("x-api-key")?.as_deref() != Some(API_KEY) {
        return Err("another key".into());
    }
    let key = header("idempotency-key")?;
    match (request.method().as_str(), &key) {
        ("GET", None) => return Ok(None),
        ("GET", Some(_)) => return Err("a question needs no key".into()),
        ("POST", _) => {}
        (other, _) => return Err(format!("the method {other}")),
    }
    if header("content-type")?.as_deref() != Some("application/json") {
        return Err("the body is no JSON".into());
    }
    match &key {
        Some(key) if key.is_empty() || key.len() > 64 => Err(format!("the key {key:?}")),
        None if request.path().starts_with("/v71/payments") => Err("an effect needs a key".into()),
        _ => Ok(key),
    }
}
