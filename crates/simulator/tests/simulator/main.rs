//! The simulator as those see it who call it.

mod asked_about;
mod disputes;
mod http;
mod outcomes;
mod promises;
mod scripts;
mod strong;
mod tools;
