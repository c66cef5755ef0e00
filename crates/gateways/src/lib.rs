//! tender-gateways
