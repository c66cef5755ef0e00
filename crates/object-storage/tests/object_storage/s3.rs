use std::time::Duration;

use tender_domain::uploads::{ObjectStorage, Reach, Seal, SignedRequest, Upload};
use tender_object_storage::{S3Bucket, S3Options};

use crate::{bucket, upload};

fn open(endpoint: Option<String>) -> S3Bucket {
    let options = S3Options {
        bucket: "evidence".into(),
        region: "eu-central-1".into(),
        endpoint,
        key_id: "AKIDEXAMPLE".into(),
        secret: "a secret of tests".into(),
        call_timeout: Duration::from_secs(2),
    };
    S3Bucket::new(options).expect("a bucket")
}

fn incoming(upload: &Upload) -> String {
    format!("/evidence/incoming/sandbox/{}", upload.id)
}

fn kept(upload: &Upload) -> String {
    format!("/evidence/dispute_evidence/sandbox/{}", upload.id)
}

async fn signed(bucket: &S3Bucket, upload: &Upload) -> (SignedRequest, SignedRequest) {
    let Reach::Signed(content) = bucket.reach() else { panic!("a bucket signs its own requests") };
    let times = (upload.created_at, upload.expires_at);
    (content.put(upload, times).await.expect("signed"), content.get(upload, times).await.expect("signed"))
}

#[tokio::test]
async fn a_signed_put_binds_type_and_hash_and_is_good_for_its_time_alone() {
    let one = upload(1, b"test");
    let (put, get) = signed(&open(None), &one).await;
    let begins = format!("https://s3.eu-central-1.amazonaws.com{}?", incoming(&one));
    assert!(put.url.starts_with(&begins), "{}", put.url);
    for part in [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Expires=900",
        "X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-checksum-sha256",
        "X-Amz-Signature=",
    ] {
        assert!(put.url.contains(part), "{part}: {}", put.url);
    }
    assert!(!put.url.contains("secret"), "{}", put.url);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        put.headers,
        [
            header("content-type", "application/pdf"),
            header("x-amz-checksum-sha256", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="),
        ]
    );
    assert!(get.url.contains(&kept(&one)) && get.headers.is_empty(), "{}", get.url);
}

#[tokio::test]
async fn what_was_put_is_kept_where_nobody_can_put_and_only_when_it_is_what_was_declared() {
    let (server, objects) = bucket::begin().await;
    let bucket = open(Some(server.uri()));
    let held = |path: &str| objects.lock().expect("no test panicked here").get(path).cloned();
    let put = |path: String, content: &[u8]| {
        objects.lock().expect("no test panicked here").insert(path, content.to_vec());
    };
    let one = upload(2, b"as it was declared");
    assert_eq!(bucket.seal(&one).await, Ok(Seal::Missing));
    for other in [&b"as it was declareD"[..], b"as it was declared, and more", b""] {
        put(incoming(&one), other);
        assert_eq!((bucket.seal(&one).await, held(&kept(&one))), (Ok(Seal::Differs), None));
    }
    put(incoming(&one), b"as it was declared");
    assert_eq!(bucket.seal(&one).await, Ok(Seal::Whole));
    put(incoming(&one), b"something else since");
    assert_eq!(bucket.seal(&one).await, Ok(Seal::Whole));
    assert_eq!(held(&kept(&one)).as_deref(), Some(&b"as it was declared"[..]), "it is not changed any more");
    for _ in 0..2 {
        assert_eq!(bucket.delete(&one).await, Ok(()));
        assert_eq!((held(&incoming(&one)), held(&kept(&one))), (None, None));
    }
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_says_nothing_of_what_is_there() {
    let bucket = open(Some("http://127.0.0.1:9".to_owned()));
    let one = upload(3, b"x");
    assert!(bucket.seal(&one).await.is_err());
    assert!(bucket.delete(&one).await.is_err());
}
