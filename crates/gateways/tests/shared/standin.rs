//! A double of a gateway: a server that keeps what it was asked for, gets into trouble when a test says so, and fails the
//! test when a rule of the gateway's is broken, at the latest when it is dropped. The rules are each gateway's own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use crate::requests::Silence;
use crate::server;

/// A status and a body; null is no body.
pub(crate) type Answer = (u16, Value);

/// What happens to one effect that is asked for.
#[allow(dead_code, reason = "not each gateway's tests know each trouble")]
pub(crate) enum Fault {
    /// It is not done, and never answered.
    LostBefore,
    /// It is done, and never answered.
    LostAfter,
    /// It is not done, and is answered like this.
    Refused(u16, Value),
    /// It is done, and answered with what nobody understands.
    Nonsense,
    /// Nothing befalls it.
    Well,
}

impl From<Silence> for Fault {
    fn from(silence: Silence) -> Self {
        match silence {
            Silence::Lost => Self::LostAfter,
            Silence::Page => Self::Nonsense,
            Silence::Foreign => Self::Refused(200, serde_json::json!({"ok": true})),
        }
    }
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Asked {
    /// Method and path, without the first slash (`POST v2/payments`).
    pub(crate) what: String,
    #[allow(dead_code, reason = "not each gateway is asked by a query")]
    pub(crate) query: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The header's value; none when it is not there, or there more than once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = found.next()?;
        found.next().is_none().then_some(value.1.as_str())
    }

    /// Its body, which is to be JSON.
    pub(crate) fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("the body is no JSON: {error}"))
    }
}

/// A gateway's rules and what it keeps.
pub(crate) trait Rules: Default + Send + 'static {
    /// Its name.
    const WHO: &'static str;

    /// What it answers; `Err` is a broken rule, which is answered with 400.
    fn answer(&mut self, asked: &Asked) -> Result<Answer, String>;

    /// The file that is answered in the place of a body that is null; none for what is no file.
    fn file(&self, _asked: &Asked) -> Option<Vec<u8>> {
        None
    }

    /// Whether a request has an effect, so that trouble may befall it.
    fn is_effect(asked: &Asked) -> bool {
        !asked.what.starts_with("GET ")
    }

    /// How it says that a request breaks a rule.
    fn broken(problem: &str) -> Value;
}

#[derive(Default)]
pub(crate) struct Kept<R> {
    pub(crate) rules: R,
    /// Every effect that was asked for and not lost before.
    pub(crate) asked: Vec<Asked>,
    faults: VecDeque<Fault>,
    violations: Vec<String>,
}

/// A double on a thread of its own; stopped when dropped.
pub(crate) struct Double<R: Rules> {
    pub(crate) port: u16,
    kept: Arc<Mutex<Kept<R>>>,
    handle: ServerHandle,
}

impl<R: Rules> Double<R> {
    pub(crate) fn start() -> Self {
        let kept = Arc::new(Mutex::new(Kept::<R>::default()));
        let data = Data::from(Arc::clone(&kept));
        let (port, handle) = server::start(move |app| {
            app.app_data(data.clone()).default_service(web::to(serve::<R>));
        });
        Self { port, kept, handle }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept<R>> {
        self.kept.lock().expect("no test panics with it")
    }

    pub(crate) fn next(&self, fault: Fault) {
        self.kept().faults.push_back(fault);
    }

    /// What is to befall the next effects, in the place of what was to.
    #[allow(dead_code, reason = "not each gateway is told of disputes")]
    pub(crate) fn only(&self, faults: impl IntoIterator<Item = Fault>) {
        self.kept().faults = faults.into_iter().collect();
    }

    /// The last effect that was asked for.
    pub(crate) fn last_asked(&self) -> Asked {
        self.kept().asked.last().cloned().expect("something was asked for")
    }

    /// The rules that were broken until now, on purpose.
    #[allow(dead_code, reason = "not each gateway's tests break a rule")]
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.kept().violations)
    }
}

impl<R: Rules> Drop for Double<R> {
    fn drop(&mut self) {
        // Sends the command at once; the future only waits for its end.
        drop(self.handle.stop(false));
        let violations = std::mem::take(&mut self.kept().violations);
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "{}'s rules were broken: {violations:#?}", R::WHO);
        }
    }
}

async fn serve<R: Rules>(request: HttpRequest, body: Bytes, kept: Data<Mutex<Kept<R>>>) -> HttpResponse {
    let query = web::Query::<BTreeMap<String, String>>::from_query(request.query_string());
    let text = |value: &actix_web::http::header::HeaderValue| value.to_str().map(str::to_owned).ok();
    let headers = request.headers().iter();
    let asked = Asked {
        what: format!("{} {}", request.method(), request.path().trim_start_matches('/')),
        query: query.map(web::Query::into_inner).unwrap_or_default(),
        headers: headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect(),
        body: body.to_vec(),
    };
    let (answer, fault, file) = {
        let mut kept = kept.lock().expect("no test panics with it");
        let (answer, fault) = kept.answered(asked.clone());
        let file = kept.rules.file(&asked).filter(|_| answer.1.is_null());
        (answer, fault, file)
    };
    match fault {
        Some(Fault::LostBefore | Fault::LostAfter) => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            HttpResponse::InternalServerError().finish()
        }
        Some(Fault::Nonsense) => HttpResponse::Ok().body("<html>all is well</html>"),
        _ => {
            let mut response = HttpResponse::build(StatusCode::from_u16(answer.0).expect("a status"));
            match file {
                Some(file) => response.content_type("application/octet-stream").body(file),
                None if answer.1.is_null() => response.finish(),
                None => response.json(answer.1),
            }
        }
    }
}

impl<R: Rules> Kept<R> {
    fn answered(&mut self, asked: Asked) -> (Answer, Option<Fault>) {
        let mut fault = None;
        if R::is_effect(&asked) {
            fault = self.faults.pop_front();
            match fault {
                Some(Fault::LostBefore) => return ((500, Value::Null), fault),
                Some(Fault::Refused(status, body)) => return ((status, body), None),
                _ => self.asked.push(asked.clone()),
            }
        }
        match self.rules.answer(&asked) {
            Ok(answer) => (answer, fault),
            Err(problem) => {
                let body = R::broken(&problem);
                self.violations.push(format!("{}: {problem}", asked.what));
                ((400, body), None)
            }
        }
    }
}

/// That an object has these fields and no others.
pub(crate) fn only(body: &Value, allowed: &[&str]) -> Result<(), String> {
    let fields = body.as_object().ok_or_else(|| format!("an object is wanted: {body}"))?;
    match fields.keys().find(|name| !allowed.contains(&name.as_str())) {
        Some(name) => Err(format!("there is no field {name}")),
        None => Ok(()),
    }
}

/// A text that must be there.
pub(crate) fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    body[name].as_str().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is needed"))
}
