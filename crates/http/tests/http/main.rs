//! The promises of the HTTP kit, through a toy service.

mod auth;
mod calls;
mod commands;
mod edge;
mod lists;
mod problems;
mod server;
mod support;
mod tokens;
mod toy;
