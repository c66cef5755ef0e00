//! The program `tender`, run as people run it.

mod commands;
mod life;
mod lifecycle;
mod program;
