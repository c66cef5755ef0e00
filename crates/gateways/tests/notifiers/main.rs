//! Messages reach whoever delivers them, over the real protocol.

mod mail_server;
mod sms;
mod smtp;
