//! The simulator as a server: the port's calls over HTTP, its books to be compared with others', and the pages on
//! which a customer meets a challenge.
//!
//! A call's answer is 200. 422 with code `not_done` is "known not to have happened", 504 with code `unknown` is "no
//! definite answer", as is a 5xx or nonsense that a script asks for; the rest of 4xx says that the call itself could not be understood, and was not done.

mod books;
mod calls;
mod challenge_page;
mod check_wire;
mod embedded_challenge;
mod health;
mod method_wire;
mod problem;
mod reply_wire;
mod routes;
mod tools;
mod trusted;
mod wire;

pub use routes::{SimulatorServer, browser_routes, routes};
