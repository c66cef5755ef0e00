use crate::Migration;

/// The tables of the unit of work: the first migration of every service's schema.
pub const SPINE: Migration = Migration {
    name: "0000_create_spine",
    sql: include_str!("../../../migrations/spine/0000_create_spine.sql"),
};
