use crate::Migration;

/// The tables of the unit of work: the first migration of every service's schema.
pub const SPINE: Migration = Migration {
    name: "0000_create_spine",
    sql: include_str!("../../../migrations/spine/0000_create_spine.sql"),
};

/// What holds of one column alone, as the types of the spine's columns: a later migration of every service's schema.
pub const SPINE_TYPES: Migration = Migration {
    name: "0040_type_key_columns",
    sql: include_str!("../../../migrations/spine/0040_type_key_columns.sql"),
};
