//! A bucket that speaks as much of S3 as is asked of one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// What it holds, by path.
struct Bucket(Objects);

impl Respond for Bucket {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut objects = self.0.lock().expect("no test panicked here");
        let path = request.url.path().to_owned();
        match request.method.as_str() {
            "PUT" => {
                objects.insert(path, request.body.clone());
                ResponseTemplate::new(200).insert_header("ETag", "\"e\"")
            }
            "DELETE" => {
                objects.remove(&path);
                ResponseTemplate::new(204)
            }
            // Several objects at once: how the client deletes any.
            "POST" if request.url.query() == Some("delete") => {
                let asked = String::from_utf8_lossy(&request.body).into_owned();
                let keys = asked.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
                let mut deleted = String::new();
                for key in keys {
                    objects.remove(&format!("{path}/{key}"));
                    deleted.push_str(&format!("<Deleted><Key>{key}</Key></Deleted>"));
                }
                ResponseTemplate::new(200).set_body_string(format!("<DeleteResult>{deleted}</DeleteResult>"))
            }
            "GET" | "HEAD" => match objects.get(&path) {
                Some(content) => ResponseTemplate::new(200)
                    .insert_header("ETag", "\"e\"")
                    .insert_header("Last-Modified", "Wed, 12 Oct 2022 17:50:00 GMT")
                    .set_body_bytes(content.clone()),
                None => ResponseTemplate::new(404).set_body_string("<Error><Code>NoSuchKey</Code></Error>"),
            },
            _ => ResponseTemplate::new(405),
        }
    }
}

/// A bucket, and what it holds.
pub(crate) async fn begin() -> (MockServer, Objects) {
    let (server, objects) = (MockServer::start().await, Objects::default());
    Mock::given(any()).respond_with(Bucket(Arc::clone(&objects))).mount(&server).await;
    (server, objects)
}
