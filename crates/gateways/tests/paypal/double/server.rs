use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{disputes, rules};
use crate::server;

pub(crate) const CLIENT_ID: &str = "AYSclient";
pub(crate) const CLIENT_SECRET: &str = "secret of the double";

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
    /// It is done, and answered with what nobody understands.
    Nonsense,
    /// Nothing befalls it.
    Well,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) orders: BTreeMap<String, Value>,
    pub(crate) refunds: BTreeMap<String, Value>,
    pub(crate) tokens: BTreeMap<String, Value>,
    /// The certificates by their ids: a status and a PEM.
    pub(crate) certificates: BTreeMap<String, (u16, String)>,
    /// How often one was asked for.
    pub(crate) certificates_asked: u32,
    /// What moved the balance.
    pub(crate) transactions: Vec<Value>,
    /// Every effect that was asked for: path and body.
    pub(crate) asked: Vec<(String, Value)>,
    /// What is disputed, by PayPal's name of the dispute.
    pub(crate) disputes: BTreeMap<String, disputes::Dispute>,
    /// The access tokens that were given; the last one counts.
    pub(crate) sessions: u32,
    pub(crate) faults: VecDeque<Fault>,
    keys: BTreeMap<String, Answer>,
    violations: Vec<String>,
    made: u32,
}

impl Books {
    pub(crate) fn id(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what}{:06}", self.made)
    }

    fn access_token(&self) -> String {
        format!("A21AA-{}", self.sessions)
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

    /// The last effect that was asked for.
    pub(crate) fn last_asked(&self) -> (String, Value) {
        self.books().asked.last().cloned().expect("something was asked for")
    }

    /// The bank has authenticated the customer, or not; gives the query with which the browser comes back. What ended
    /// stays as it is.
    pub(crate) fn authenticate(&self, order: &str, met: bool) -> String {
        let mut books = self.books();
        if let Some(order) = books.orders.get_mut(order)
            && order["status"] == "PAYER_ACTION_REQUIRED"
        {
            order["status"] = "APPROVED".into();
            let status = if met { "Y" } else { "N" };
            order["payment_source"]["card"]["authentication_result"] =
                json!({"liability_shift": "POSSIBLE", "three_d_secure": {"authentication_status": status}});
        }
        format!("token={order}&PayerID=X")
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        // Sends the command at once; the future only waits for its end.
        drop(self.handle.stop(false));
        let violations = std::mem::take(&mut self.books().violations);
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "PayPal's rules were broken: {violations:#?}");
        }
    }
}

pub(crate) fn error(name: &str, issue: &str, field: &str) -> Value {
    json!({"name": name, "message": "no", "debug_id": "f1",
        "details": [{"issue": issue, "field": field, "description": "no"}]})
}

async fn serve(request: HttpRequest, body: Bytes, books: Data<Mutex<Books>>) -> HttpResponse {
    if let Some(id) = request.path().strip_prefix("/v1/notifications/certs/") {
        return certificate(id, &mut books.lock().expect("no test panics with it"));
    }
    let (answer, fault) = answered(&request, &body, &mut books.lock().expect("no test panics with it"));
    match fault {
        Some(Fault::LostBefore | Fault::LostAfter) => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            HttpResponse::InternalServerError().finish()
        }
        Some(Fault::Nonsense) => HttpResponse::Ok().body("<html>all is well</html>"),
        _ => HttpResponse::build(StatusCode::from_u16(answer.0).expect("a status")).json(answer.1),
    }
}

/// Certificates are for everybody.
fn certificate(id: &str, books: &mut Books) -> HttpResponse {
    books.certificates_asked += 1;
    let (status, pem) = books.certificates.get(id).cloned().unwrap_or((404, String::new()));
    HttpResponse::build(StatusCode::from_u16(status).expect("a status")).body(pem)
}

fn answered(request: &HttpRequest, body: &[u8], books: &mut Books) -> (Answer, Option<Fault>) {
    let asked = format!("{} {}", request.method(), request.path());
    let broken = |books: &mut Books, problem: String| {
        books.violations.push(format!("{asked}: {problem}"));
        ((400, error("INVALID_REQUEST", &problem, "")), None)
    };
    let header = |name: &str| {
        let mut values = request.headers().get_all(name);
        let value = values.next().and_then(|value| value.to_str().ok()).map(str::to_owned);
        if values.next().is_some() { None } else { value }
    };
    let authorization = header("authorization").unwrap_or_default();
    let path = request.path().trim_start_matches('/').to_owned();
    if path == "v1/oauth2/token" {
        let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}").as_bytes()));
        if body != b"grant_type=client_credentials" || request.method() != "POST" {
            return broken(books, "how a session is opened".to_owned());
        }
        if authorization != basic {
            return ((401, json!({"error": "invalid_client"})), None);
        }
        books.sessions += 1;
        let token =
            json!({"access_token": books.access_token(), "token_type": "Bearer", "expires_in": 32_400});
        return ((200, token), None);
    }
    if authorization != format!("Bearer {}", books.access_token()) {
        return ((401, json!({"error": "invalid_token"})), None);
    }
    if request.method() == "GET" {
        let read = read(request, &path, books);
        return (read.unwrap_or_else(|problem| broken(books, problem).0), None);
    }
    let key = match header("paypal-request-id") {
        Some(key) if !key.is_empty() && key.len() <= 108 => key,
        key => return broken(books, format!("the id {key:?}")),
    };
    if let Some(of) = path.strip_prefix(disputes::PLACE) {
        let of_type = header("content-type").unwrap_or_default();
        return of_dispute(books, of, &of_type, body).unwrap_or_else(|problem| broken(books, problem));
    }
    let wanted = (Some("application/json"), Some("return=representation"));
    if (header("content-type").as_deref(), header("prefer").as_deref()) != wanted {
        return broken(books, "the headers".to_owned());
    }
    let Ok(sent) = serde_json::from_slice::<Value>(body) else {
        return broken(books, "the body is no JSON".to_owned());
    };
    let fault = books.faults.pop_front();
    match fault {
        Some(Fault::LostBefore) => return ((500, Value::Null), fault),
        Some(Fault::Refused(status, body)) => return ((status, body), None),
        _ => {}
    }
    // The first answer again, whatever is asked now.
    if let Some(kept) = books.keys.get(&key) {
        return (kept.clone(), fault);
    }
    books.asked.push((path.clone(), sent.clone()));
    let answer = match rules::perform(books, &path, &sent) {
        Ok(answer) => answer,
        Err(problem) => return broken(books, problem),
    };
    books.keys.insert(key, answer.clone());
    (answer, fault)
}

fn read(request: &HttpRequest, path: &str, books: &Books) -> Result<Answer, String> {
    if path == "v1/reporting/transactions" {
        let query = form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        return rules::report(books, &query);
    }
    match path.strip_prefix(disputes::PLACE) {
        Some(id) => disputes::read(books, id),
        None => rules::read(books, path),
    }
}

/// What is done with a dispute. The request's id has no meaning there.
fn of_dispute(
    books: &mut Books,
    of: &str,
    of_type: &str,
    body: &[u8],
) -> Result<(Answer, Option<Fault>), String> {
    let fault = books.faults.pop_front();
    match fault {
        Some(Fault::LostBefore) => Ok(((500, Value::Null), fault)),
        Some(Fault::Refused(status, body)) => Ok(((status, body), None)),
        _ => Ok((disputes::perform(books, of, of_type, body)?, fault)),
    }
}
