//! tender-http
