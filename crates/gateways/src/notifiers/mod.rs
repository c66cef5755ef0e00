//! Who delivers messages: e-mail by SMTP, text messages into a folder.

mod sms_folder;
mod smtp;

pub use sms_folder::SmsFolder;
pub use smtp::{BadSmtpSettings, SmtpNotifier};
