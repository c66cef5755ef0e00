//! The simulator over HTTP: the promises of a gateway against a real server, and what a bad wire means.

mod bad_wire;
mod lost_answer;
mod scripted;
mod server;

mod as_gateway {
    tender_contract::gateway_promises!(super::server::rig);
}
