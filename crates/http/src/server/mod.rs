//! The server: one application, its health, its documents, its two ports.

mod application;
mod documents;
mod health;
mod listen;
mod tls;

pub use application::Application;
pub use health::ReadinessCheck;
pub use listen::{RunningServer, Server, ServerSettings, terminated};
pub use tls::TlsFiles;
