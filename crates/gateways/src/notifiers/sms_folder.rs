use std::path::PathBuf;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tender_domain::ports::{Notice, NoticeChannel, Notifier, NotifyError};

/// Writes text messages into a folder, one file each, from which a provider's own sender takes them. A message that is
/// written again replaces itself.
pub struct SmsFolder {
    folder: PathBuf,
}

impl SmsFolder {
    /// Into this folder, which must exist.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

#[async_trait]
impl Notifier for SmsFolder {
    fn channel(&self) -> NoticeChannel {
        NoticeChannel::Sms
    }

    async fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b' ' | b'-' | b'(' | b')');
        if !notice.to.bytes().all(digits) {
            return Err(NotifyError::Refused("the recipient is no telephone number".to_owned()));
        }
        let unavailable = |error: std::io::Error| NotifyError::Unavailable(error.to_string());
        let (parts, whole) =
            (self.folder.join(format!("{}.part", notice.id)), self.folder.join(format!("{}.sms", notice.id)));
        let text = format!("To: {}\n\n{}\n", notice.to, notice.text.expose_secret());
        // Written aside first: who takes the files never finds half a message.
        tokio::fs::write(&parts, text).await.map_err(unavailable)?;
        tokio::fs::rename(&parts, &whole).await.map_err(unavailable)
    }
}
