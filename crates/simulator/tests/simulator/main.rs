//! The simulator as those see it who call it.

mod disputes;
mod http;
mod outcomes;
mod promises;
mod scripts;
mod strong;
mod tools;
