//! Contents in a bucket of S3, or of what speaks as S3 does.
//!
//! A client puts a content under a name of its own by a signed request. When it is used it is read, found to be what was
//! declared, and put again under the name of what is kept: no client has a request signed for that name, so that nobody changes
//! it afterwards.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer};
use object_store::{
    Attribute, Attributes, ClientOptions, Error, ObjectStore, ObjectStoreExt, PutOptions, RetryConfig,
};
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::Timestamp;
use tender_domain::uploads::{
    ObjectStorage, Reach, Seal, SignedContent, SignedRequest, StorageError, Upload,
};
use tokio::sync::Semaphore;

use crate::local::is_declared;

/// How many contents are held in memory at a time while they are sealed.
const SEALING_MAX: usize = 4;
/// The header that has a content's SHA-256.
const CHECKSUM: HeaderName = HeaderName::from_static("x-amz-checksum-sha256");

/// Which bucket, and by which key.
#[derive(Debug, Clone)]
pub struct S3Options {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Where it is, if not at AWS; the bucket's name follows in the path.
    pub endpoint: Option<String>,
    /// The id of the access key.
    pub key_id: String,
    /// The secret of the access key.
    pub secret: SecretString,
    /// The longest one call may take.
    pub call_timeout: Duration,
}

/// A bucket of contents.
pub struct S3Bucket {
    store: AmazonS3,
    sealing: Semaphore,
}

impl S3Bucket {
    /// The bucket; nothing is asked of it yet.
    ///
    /// # Errors
    /// When the options make no client.
    pub fn new(options: S3Options) -> Result<Self, StorageError> {
        let mut of_client = ClientOptions::new()
            .with_timeout(options.call_timeout)
            .with_connect_timeout(options.call_timeout);
        let retry =
            RetryConfig { max_retries: 2, retry_timeout: options.call_timeout, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(options.bucket)
            .with_region(options.region)
            .with_access_key_id(options.key_id)
            .with_secret_access_key(options.secret.expose_secret())
            .with_retry(retry);
        if let Some(endpoint) = options.endpoint {
            of_client = of_client.with_allow_http(endpoint.starts_with("http://"));
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.with_client_options(of_client).build().map_err(told)?;
        Ok(Self { store, sealing: Semaphore::new(SEALING_MAX) })
    }
}

fn told(error: Error) -> StorageError {
    StorageError(error.to_string())
}

/// Where a client puts a content.
fn incoming(upload: &Upload) -> Path {
    place("incoming", upload)
}

/// Where a content is kept that is what was declared.
fn kept(upload: &Upload) -> Path {
    place(upload.purpose.as_str(), upload)
}

fn place(folder: &str, upload: &Upload) -> Path {
    Path::from_iter([folder, upload.tenant.as_str(), &upload.id.to_string()])
}

/// What is there, or nothing.
fn found<T>(result: Result<T, Error>) -> Result<Option<T>, StorageError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(told(error)),
    }
}

fn lasting((now, until): (Timestamp, Timestamp)) -> Duration {
    (until - now).to_std().unwrap_or_default()
}

#[async_trait]
impl ObjectStorage for S3Bucket {
    fn reach(&self) -> Reach<'_> {
        Reach::Signed(self)
    }

    async fn seal(&self, upload: &Upload) -> Result<Seal, StorageError> {
        // Only what was found true is ever put there.
        if found(self.store.head(&kept(upload)).await)?.is_some() {
            return Ok(Seal::Whole);
        }
        let _place = self.sealing.acquire().await.map_err(|error| StorageError(error.to_string()))?;
        let Some(put) = found(self.store.get(&incoming(upload)).await)? else { return Ok(Seal::Missing) };
        if put.meta.size != upload.file.size {
            return Ok(Seal::Differs);
        }
        let content = put.bytes().await.map_err(told)?;
        if !is_declared(&content, upload) {
            return Ok(Seal::Differs);
        }
        let attributes = Attributes::from_iter([
            (Attribute::ContentType, upload.file.file_type.as_str()),
            (Attribute::ContentDisposition, "attachment"),
        ]);
        let options = PutOptions { attributes, ..PutOptions::default() };
        self.store.put_opts(&kept(upload), content.into(), options).await.map_err(told)?;
        Ok(Seal::Whole)
    }

    async fn content(&self, upload: &Upload) -> Result<Option<Vec<u8>>, StorageError> {
        let Some(stored) = found(self.store.get(&kept(upload)).await)? else { return Ok(None) };
        if stored.meta.size != upload.file.size {
            return Ok(None);
        }
        let content = stored.bytes().await.map_err(told)?;
        Ok(is_declared(&content, upload).then(|| content.to_vec()))
    }

    async fn delete(&self, upload: &Upload) -> Result<(), StorageError> {
        found(self.store.delete(&incoming(upload)).await)?;
        found(self.store.delete(&kept(upload)).await)?;
        Ok(())
    }
}

#[async_trait]
impl SignedContent for S3Bucket {
    async fn put(
        &self,
        upload: &Upload,
        times: (Timestamp, Timestamp),
    ) -> Result<SignedRequest, StorageError> {
        let file = &upload.file;
        // Of what has this SHA-256 the length is bound as well.
        let said =
            [(CONTENT_TYPE, file.file_type.as_str().to_owned()), (CHECKSUM, STANDARD.encode(file.sha256.0))];
        let mut options = SignedUrlOptions::new();
        for (name, value) in &said {
            let value = HeaderValue::from_str(value).map_err(|error| StorageError(error.to_string()))?;
            options = options.with_signed_header(name.clone(), value);
        }
        let signed =
            self.store.signed_url_opts(Method::PUT, &incoming(upload), lasting(times), &options).await;
        let url = signed.map_err(told)?.to_string();
        let headers = said.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        Ok(SignedRequest { url, headers })
    }

    async fn get(
        &self,
        upload: &Upload,
        times: (Timestamp, Timestamp),
    ) -> Result<SignedRequest, StorageError> {
        let signed = self.store.signed_url(Method::GET, &kept(upload), lasting(times)).await;
        Ok(SignedRequest { url: signed.map_err(told)?.to_string(), headers: Vec::new() })
    }
}
