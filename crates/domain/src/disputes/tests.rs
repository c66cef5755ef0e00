mod fee;
mod fixtures;
mod history;
mod intake;
mod laws;
mod outcomes;
