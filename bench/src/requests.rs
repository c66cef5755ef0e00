//! The requests that are measured, as bytes.

use std::fmt::Write as _;

/// Makes requests of one kind; each connection has its own.
pub(crate) trait Requests: Clone + 'static {
    /// Writes the next request over what is in `request`. `number` is different for every request of a run.
    fn write(&self, number: u64, request: &mut String);

    /// Whether an answer is what a client wants to see.
    fn is_good(&self, status: u16, body: &[u8]) -> bool;
}

/// Who calls what.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    /// `host:port`.
    pub(crate) address: String,
    /// The API key.
    pub(crate) key: String,
}

impl Client {
    /// A whole request that reads.
    pub(crate) fn get(&self, path: &str, request: &mut String) {
        request.clear();
        self.head("GET", path, request);
        request.push_str("\r\n");
    }

    /// A whole request that does something, under an idempotency key.
    pub(crate) fn post(&self, path: &str, key: &str, body: &str, request: &mut String) {
        request.clear();
        self.head("POST", path, request);
        let length = body.len();
        let _ = write!(
            request,
            "Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
    }

    fn head(&self, verb: &str, path: &str, request: &mut String) {
        let Self { address, key } = self;
        let _ =
            write!(request, "{verb} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n");
    }
}

/// One-call payments with saved methods, each with a key of its own.
#[derive(Debug, Clone)]
pub(crate) struct Payments {
    pub(crate) client: Client,
    /// Different for every run, so that no key is used twice.
    pub(crate) run: String,
    /// The methods, used in turn.
    pub(crate) methods: Vec<String>,
}

impl Requests for Payments {
    fn write(&self, number: u64, request: &mut String) {
        let place = usize::try_from(number).unwrap_or_default() % self.methods.len();
        let amount = 1_000 + number % 9_000;
        let body = format!(
            "{{\"amount\":{amount},\"currency\":\"EUR\",\"payment_method_id\":\"{}\",\"confirm\":true,\
             \"description\":\"Order {number}\",\"order_ref\":\"ord_{}_{number}\"}}",
            self.methods[place], self.run
        );
        let key = format!("{}-{number}", self.run);
        self.client.post("/v1/payments/intents", &key, &body, request);
    }

    fn is_good(&self, status: u16, body: &[u8]) -> bool {
        status == 201 && holds(body, b"\"status\":\"succeeded\"")
    }
}

/// Reads of intents.
#[derive(Debug, Clone)]
pub(crate) struct Reads {
    pub(crate) client: Client,
    /// The intents, read in turn.
    pub(crate) intents: Vec<String>,
}

impl Requests for Reads {
    fn write(&self, number: u64, request: &mut String) {
        let place = usize::try_from(number).unwrap_or_default() % self.intents.len();
        let path = format!("/v1/payments/intents/{}", self.intents[place]);
        self.client.get(&path, request);
    }

    fn is_good(&self, status: u16, body: &[u8]) -> bool {
        status == 200 && holds(body, b"\"status\":\"succeeded\"")
    }
}

/// Whether `bytes` hold `wanted`.
pub(crate) fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// The text of a field at the top of a JSON object, by its name: enough for ids.
pub(crate) fn text_field(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once(&format!("\"{name}\":\""))?;
    Some(rest.split('"').next()?.to_owned())
}
