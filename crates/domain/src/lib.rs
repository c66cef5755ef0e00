//! tender-domain
