//! The house rules that no compiler checks.

mod arrows;
mod doors;
mod drivers;
mod rooms;
mod run;
mod sizes;
mod sources;
mod time;

pub(crate) use run::run;
