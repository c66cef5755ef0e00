//! The simulator as those see it who call it.

mod http;
mod outcomes;
mod promises;
mod scripts;
mod strong;
mod tools;
