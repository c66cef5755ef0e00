//! tender-kafka
