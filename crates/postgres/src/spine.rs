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

/// The counts of [`PgRateLimiter`](crate::PgRateLimiter), for the schema of a service that limits requests.
pub const RATE_LIMITS: Migration = Migration {
    name: "0041_create_rate_limits",
    sql: include_str!("../../../migrations/spine/0041_create_rate_limits.sql"),
};

/// `currency_places(text)`: how many decimal places a currency has, for views that show decimals.
pub const CURRENCY_PLACES: Migration = Migration {
    name: "0042_add_currency_places",
    sql: include_str!("../../../migrations/spine/0042_add_currency_places.sql"),
};

/// The book of [`PgNumberBook`](crate::PgNumberBook), for the schema of a service whose things storefronts know by number.
pub const NUMBERS: Migration = Migration {
    name: "0043_create_numbers",
    sql: include_str!("../../../migrations/spine/0043_create_numbers.sql"),
};

/// The rest of a message beside each dead letter: a later migration of every service's schema.
pub const DEAD_LETTERS: Migration = Migration {
    name: "0100_keep_dead_letters_whole",
    sql: include_str!("../../../migrations/spine/0100_keep_dead_letters_whole.sql"),
};
