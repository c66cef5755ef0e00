//! The private cluster and the migration runner, against a real PostgreSQL. Linux; as root or not.

mod access;
mod crash;
mod migrations;
mod ownership;
mod support;
