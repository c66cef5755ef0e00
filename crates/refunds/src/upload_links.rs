//! Signed links to the contents of uploads, where the storage has none of its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use tender_domain::kernel::Timestamp;
use tender_domain::uploads::Upload;

/// What a link lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkTo {
    /// Put the content that was declared.
    Put,
    /// Read it.
    Get,
}

impl LinkTo {
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Put => "PUT",
            Self::Get => "GET",
        }
    }
}

/// Signs links with the platform's secret. Who knows it can read any upload, so it prints nothing.
#[derive(Debug, Clone)]
pub struct UploadLinks(SecretSlice<u8>);

impl UploadLinks {
    /// With the platform's secret; another secret makes every link invalid.
    #[must_use]
    pub const fn new(secret: SecretSlice<u8>) -> Self {
        Self(secret)
    }

    /// Path and query of a link that is good until `until`, of which it keeps whole seconds.
    pub(crate) fn path(&self, to: LinkTo, upload: &Upload, until: Timestamp) -> String {
        let expires = until.timestamp();
        let signature = URL_SAFE_NO_PAD.encode(self.mac(to, upload, expires).finalize().into_bytes());
        format!(
            "/v1/payments/uploads/{}/content?tenant={}&expires={expires}&signature={signature}",
            upload.id, upload.tenant
        )
    }

    /// Whether a link says what was signed. Whether its time is over is not looked at.
    pub(crate) fn is_good(&self, to: LinkTo, upload: &Upload, (expires, signature): (i64, &str)) -> bool {
        let given = URL_SAFE_NO_PAD.decode(signature);
        given.is_ok_and(|given| self.mac(to, upload, expires).verify_slice(&given).is_ok())
    }

    fn mac(&self, to: LinkTo, upload: &Upload, expires: i64) -> Hmac<Sha256> {
        let file = &upload.file;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes keys of any length");
        // None of the parts has a `|` in it.
        let said = format!(
            "upload content|{}|{}|{}|{expires}|{}|{}|{}",
            to.method(),
            upload.tenant,
            upload.id,
            file.size,
            file.sha256,
            file.file_type.as_str()
        );
        mac.update(said.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tender_domain::kernel::{TenantId, UploadId};
    use tender_domain::uploads::{DeclaredFile, FileHash, FileType, UploadPurpose};
    use uuid::Uuid;

    use super::*;

    fn upload(tenant: &str, id: u128, size: u64, hash: u8) -> Upload {
        let (file_type, sha256) = (FileType::Pdf, FileHash([hash; 32]));
        let file = DeclaredFile::new("a.pdf".into(), file_type, (size, 99), sha256).expect("a file");
        let tenant: TenantId = tenant.parse().expect("a tenant");
        let what = (UploadPurpose::DisputeEvidence, file);
        let id = UploadId::from_uuid(Uuid::from_u128(id));
        Upload::declared((&tenant, id), what, "ada", (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH))
    }

    #[test]
    fn a_link_is_good_for_what_was_signed_alone() {
        let links = UploadLinks::new(b"s".to_vec().into());
        let one = upload("acme", 1, 3, 7);
        let path = links.path(LinkTo::Put, &one, DateTime::from_timestamp(900, 0).expect("a time"));
        let signature = path.rsplit("signature=").next().expect("it is signed");
        assert!(links.is_good(LinkTo::Put, &one, (900, signature)));
        assert!(!links.is_good(LinkTo::Get, &one, (900, signature)), "another method");
        assert!(!links.is_good(LinkTo::Put, &one, (901, signature)), "another time");
        for other in [
            upload("other", 1, 3, 7),
            upload("acme", 2, 3, 7),
            upload("acme", 1, 4, 7),
            upload("acme", 1, 3, 8),
        ] {
            assert!(!links.is_good(LinkTo::Put, &other, (900, signature)), "{other:?}");
        }
        let others = UploadLinks::new(b"t".to_vec().into());
        assert!(!others.is_good(LinkTo::Put, &one, (900, signature)), "another secret");
        for nonsense in ["", "ä", "AAAA"] {
            assert!(!links.is_good(LinkTo::Put, &one, (900, nonsense)));
        }
    }
}
