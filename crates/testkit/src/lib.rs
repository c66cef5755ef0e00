//! tender-testkit
